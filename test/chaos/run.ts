import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../processes/program.ts'
import { converge } from './convergence.ts'
import { openCrew } from './crew.ts'
import type { Entry } from './entries.ts'
import { type History, openHistory, readHistory } from './history.ts'
import type { Setup } from './messages.ts'
import { momentsOf } from './moments.ts'
import { openNetwork } from './network.ts'
import type { ChaosOptions } from './options.ts'
import { boundOf, policy } from './patience.ts'
import { createRandom } from './random.ts'
import type { Issuer } from './servers/issuer.ts'
import { createSignIns, type SignIns } from './sign-ins.ts'
import type { Engine } from './stores/engine.ts'
import { openFileEngine } from './stores/file.ts'
import { openPostgresEngine } from './stores/postgres.ts'
import { openRedisEngine } from './stores/redis.ts'
import { makeTrouble } from './trouble.ts'
import { makeWeather } from './weather.ts'
import type { WitnessSetup } from './witness.ts'

export interface ChaosRun extends Omit<ChaosOptions, 'json' | 'help'> {
  /** Ends the run early; then there is nothing to check. */
  signal: AbortSignal
  /** A line for people, now and then. */
  onProgress(line: string): void
}

/** One run, and what happened in it. Leaves no process and no file behind, however it ends. */
export async function runChaos(run: ChaosRun): Promise<Entry[]> {
  const { signal, seed, processes, threads, callers, graceMs, way, store } = run
  const closers: (() => unknown)[] = []
  try {
    const directory = await mkdtemp(path.join(tmpdir(), 'tokenflight-chaos-'))
    closers.push(() => rm(directory, { recursive: true, force: true }))
    // Servers and processes that run as somebody else have to get in.
    await chmod(directory, 0o711)
    const historyFile = path.join(directory, 'history.jsonl')
    const history = openHistory(historyFile)
    closers.push(async () => {
      history.close()
      if (run.history !== undefined) await copyFile(historyFile, run.history)
    })

    const engine = await openEngine(run, directory)
    closers.push(() => engine.close())
    if (engine.owner !== undefined) await chown(historyFile, engine.owner.uid, engine.owner.gid)
    const network = await openNetwork(run, history)
    closers.push(() => network.close())
    const { issuer, tokenEndpoint } = network
    const { lifetimeMs } = issuer
    const boundMs = boundOf(store)
    const { refreshTimeout: refreshTimeoutMs, claimTtl: claimTtlMs } = policy
    const limits = { boundMs, refreshTimeoutMs, claimTtlMs, provesDeath: store === 'file', lifetimeMs, graceMs }
    history.write({ type: 'run', way, processes, ...limits })
    const signIns = createSignIns(way, engine, issuer, history)
    await signIns.signIn()

    const told: WitnessSetup = { place: engine.seenAt, history: historyFile, directory, mounted: `${directory}/disk` }
    const witness = startProgram<{ type: string; pid?: number }, { type: 'ready' }>({
      module: new URL('witness.ts', import.meta.url),
      args: [JSON.stringify(told)],
    })
    closers.push(() => witness.kill())
    await new Promise<void>((resolve) => witness.onReport(() => resolve()))
    const tellPids = (): void => {
      for (const pid of engine.pids) witness.send({ type: 'started', pid })
    }
    tellPids()

    const chance = createRandom(seed, 'crew')
    const crew = openCrew({
      size: processes,
      threads,
      history,
      setup: (serial): Setup => ({
        ...{ way, seed, threads, callers, graceMs, lifetimeMs, place: engine.placeOf(serial), history: historyFile },
        ...{ tokenEndpoint, clientId: 'app', name: `process ${serial}` },
        // Some refresh ahead of expiry, some only when they must.
        policy: { ...policy, softWindow: chance.chance(0.5) ? policy.softWindow : false },
        sick: chance.chance(0.3),
      }),
      under: engine.under,
      env: engine.owner === undefined ? {} : { NODE_COMPILE_CACHE: await compileCacheOf(engine.owner) },
      onStarted: (pid) => witness.send({ type: 'started', pid }),
      onEnded: (pid) => witness.send({ type: 'ended', pid }),
    })
    closers.push(() => crew.kill())
    crew.onReport((_, report) => {
      if (report.type === 'ended_credential') signIns.signInIfEnded().catch((error) => run.onProgress(String(error)))
    })

    await Promise.race([crew.all('ready', startsWithin), aborted(signal)])
    const trouble = AbortSignal.any([signal, AbortSignal.timeout(run.seconds * 1000)])
    const progress = setInterval(() => run.onProgress(`${issuer.tokenRequests} token requests`), 5000)
    closers.push(() => clearInterval(progress))
    await Promise.all([
      makeTrouble({ crew, moments: momentsOf(store), seed, history, signal: trouble }),
      makeWeather({ where: 'store', spells: engine.spells, seed, history, signal: trouble, onOver: tellPids }),
      makeWeather({ where: 'token endpoint', spells: network.spells, seed, history, signal: trouble }),
    ])
    signal.throwIfAborted()

    run.onProgress('no more trouble; everybody is to come to rest')
    await converge({ crew, issuer, signIns, history, boundMs, signal })
    signal.throwIfAborted()
    await finish({ engine, historyFile, history, said: crew.said, issuer, signIns })
    await witness.kill()
    return readHistory(historyFile)
  } finally {
    const failures: unknown[] = []
    for (const close of closers.reverse())
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) run.onProgress(`not everything could be put away: ${failures.join(', ')}`)
  }
}

/** Milliseconds in which processes have started, even on a busy machine. */
const startsWithin = 60_000

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** What others have compiled is not theirs to read: a place of their own, which stays for the next run. */
async function compileCacheOf({ uid, gid }: { uid: number; gid: number }): Promise<string> {
  const place = fileURLToPath(new URL(`../../node_modules/.cache/programs-${uid}`, import.meta.url))
  await mkdir(place, { recursive: true })
  await chown(place, uid, gid)
  return place
}

function openEngine({ store, way, onProgress }: ChaosRun, directory: string): Promise<Engine> {
  if (store === 'redis') return openRedisEngine(directory)
  if (store === 'postgres') return openPostgresEngine(directory)
  return openFileEngine(directory, way !== 'tokenflight', onProgress)
}

interface Finish {
  engine: Engine
  historyFile: string
  history: History
  said: readonly string[]
  issuer: Issuer
  signIns: SignIns
}

/** What is left when all have gone. */
async function finish({ engine, historyFile, history, said, issuer, signIns }: Finish): Promise<void> {
  const { names, ...rest } = await engine.rest()
  const secrets = issuer.secrets()
  const texts = [...said, ...names, await readFile(historyFile, 'utf8')]
  const leaks = texts.reduce((sum, text) => {
    for (const [word] of text.matchAll(/[\w-]{24,}/g)) if (secrets.has(word)) sum++
    return sum
  }, 0)
  history.write({ type: 'finished', ...rest, leaks, stored: (await signIns.stored()).durable })
}
