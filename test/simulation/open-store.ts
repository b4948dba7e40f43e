import { Register } from './register.ts'
import { SharedFile } from './shared-file.ts'
import { SharedMemory } from './shared-memory.ts'
import { SharedPostgres } from './shared-postgres.ts'
import { SharedRedis } from './shared-redis.ts'
import type { SharedStore, Surroundings } from './shared-store.ts'

/** The store that the weather has for everybody. */
export function openStore(world: Surroundings): SharedStore {
  switch (world.weather.store) {
    case 'register':
      return new Register(world)
    case 'file':
      return new SharedFile(world)
    case 'redis':
      return new SharedRedis(world)
    case 'postgres':
      return new SharedPostgres(world)
    case 'memory':
      return new SharedMemory(world)
  }
}
