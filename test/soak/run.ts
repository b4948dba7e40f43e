import { setTimeout as pause } from 'node:timers/promises'
import { agent } from './clients.ts'
import { createLoad, playRound, type Tally } from './round.ts'
import { type Sample, takeSample } from './sample.ts'
import { startServers } from './servers.ts'
import { openStage } from './stage.ts'
import { judge, type Trend } from './verdict.ts'

export interface SoakOptions {
  /** It goes on for as long, and for as many rounds. */
  minutes: number
  rounds: number
  seed: number
  /** Milliseconds between the beginnings of two rounds. */
  every: number
  /** How many samples are taken in all. */
  samples: number
  /** Called at the end of each round; tests plant a leak there. */
  afterRound?: (signal: AbortSignal, directory: string) => void
  progress?: (sample: Sample, tally: Tally) => void
}

export interface Soak extends Tally {
  minutes: number
  seed: number
  stores: string[]
  samples: number
  trends: Trend[]
  /** Of one core, in this process. */
  cpuPercent: number
  flat: boolean
}

/** One process under load for a while, and whether anything in it grew. */
export async function soak(options: SoakOptions): Promise<Soak> {
  const { minutes, rounds, seed, every, samples: wanted, afterRound, progress } = options
  const servers = await startServers()
  const stage = await openStage(servers)
  const { signal: life } = new AbortController()
  const load = createLoad(seed, servers, stage, life)
  const samples: Sample[] = []
  const { user, system } = process.cpuUsage()
  const began = performance.now()
  const elapsed = () => performance.now() - began
  const part = () => Math.min(ratio(elapsed(), minutes * 60_000), ratio(load.tally.rounds, rounds))
  try {
    while (part() < 1) {
      const due = elapsed() + every
      await playRound(load)
      afterRound?.(life, stage.directory)
      if (part() >= (samples.length + 1) / (wanted + 1)) {
        const sample = await takeSample(load.tally.requests, stage.directory, life)
        samples.push(sample)
        progress?.(sample, load.tally)
      }
      await pause(Math.max(0, due - elapsed()))
    }
  } finally {
    await stage.close()
    await servers.close()
    agent.destroy()
  }
  const used = process.cpuUsage({ user, system })
  const trends = judge(samples)
  return {
    ...{ minutes: Number((elapsed() / 60_000).toFixed(2)), seed, stores: stage.shared.map(({ name }) => name) },
    ...load.tally,
    ...{ samples: samples.length, trends },
    cpuPercent: Math.round((used.user + used.system) / 10 / elapsed()),
    flat: trends.every(({ flat }) => flat) && load.tally.unexpected.length === 0,
  }
}

function ratio(done: number, wanted: number): number {
  return wanted === 0 ? 1 : done / wanted
}
