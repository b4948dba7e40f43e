import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startProgram } from '../processes/program.ts'
import { converge } from './convergence.ts'
import { openCrew } from './crew.ts'
import type { Entry } from './entries.ts'
import { type History, openHistory, readHistory } from './history.ts'
import type { Setup } from './messages.ts'
import { openNetwork } from './network.ts'
import type { ChaosOptions } from './options.ts'
import { bound, lifetime, mutexTimeout, policy } from './patience.ts'
import { createRandom } from './random.ts'
import { createSignIns } from './sign-ins.ts'
import { makeTrouble } from './trouble.ts'

export interface ChaosRun extends Omit<ChaosOptions, 'json' | 'help'> {
  /** Ends the run early; then there is nothing to check. */
  signal: AbortSignal
  /** A line for people, now and then. */
  onProgress(line: string): void
}

/** One run, and what happened in it. Leaves no process and no file behind, however it ends. */
export async function runChaos(run: ChaosRun): Promise<Entry[]> {
  const { signal, seed, processes, threads, callers, graceMs, way } = run
  const closers: (() => unknown)[] = []
  try {
    const directory = await mkdtemp(path.join(tmpdir(), 'tokenflight-chaos-'))
    closers.push(() => rm(directory, { recursive: true, force: true }))
    const place = path.join(directory, 'credential')
    await mkdir(place, { mode: 0o700 })
    const credential = path.join(place, 'credentials.json')
    const historyFile = run.history ?? path.join(directory, 'history.jsonl')
    await rm(historyFile, { force: true })
    const history = openHistory(historyFile)
    closers.push(() => history.close())
    const [boundMs, refreshTimeoutMs, lifetimeMs] = [bound, policy.refreshTimeout, lifetime]
    history.write({ type: 'run', way, processes, boundMs, refreshTimeoutMs, lifetimeMs, graceMs })

    const network = await openNetwork(seed, graceMs, history)
    const { server } = network
    closers.push(() => server.close())
    const signIns = createSignIns(way, credential, server, history)
    await signIns.signIn()

    const witness = startProgram<{ type: string; pid?: number }, { type: 'ready' }>({
      module: new URL('witness.ts', import.meta.url),
      args: [credential, historyFile, directory],
    })
    closers.push(() => witness.kill())
    await new Promise<void>((resolve) => witness.onReport(() => resolve()))

    const chance = createRandom(seed, 'crew')
    const crew = openCrew({
      size: processes,
      history,
      setup: (serial): Setup => ({
        ...{ way, seed, threads, callers, graceMs, mutexTimeout, path: credential, history: historyFile },
        ...{ tokenEndpoint: server.tokenEndpoint, clientId: 'app', name: `process ${serial}` },
        // Some refresh ahead of expiry, some only when they must.
        policy: { ...policy, softWindow: chance.chance(0.5) ? policy.softWindow : false },
        sick: chance.chance(0.3),
      }),
      onStarted: (pid) => witness.send({ type: 'started', pid }),
      onEnded: (pid) => witness.send({ type: 'ended', pid }),
    })
    closers.push(() => crew.kill())
    crew.onReport((_, report) => {
      if (report.type === 'ended_credential') signIns.signInIfEnded().catch((error) => run.onProgress(String(error)))
    })

    const trouble = AbortSignal.any([signal, AbortSignal.timeout(run.seconds * 1000)])
    const progress = setInterval(() => {
      run.onProgress(`${server.tokenRequests} token requests, ${server.replays} replays, ${server.issued.size} tokens`)
    }, 5000)
    closers.push(() => clearInterval(progress))
    await makeTrouble(crew, seed, history, trouble)
    signal.throwIfAborted()

    run.onProgress('no more trouble; everybody is to come to rest')
    await converge({ crew, network, signIns, history, signal })
    signal.throwIfAborted()
    await finish({ place, historyFile, credential, history, said: crew.said, server, stored: signIns.stored })
    await witness.kill()
    return readHistory(historyFile)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

interface Finish {
  place: string
  credential: string
  historyFile: string
  history: History
  said: readonly string[]
  server: Awaited<ReturnType<typeof openNetwork>>['server']
  stored: ReturnType<typeof createSignIns>['stored']
}

/** What is left when all have gone. */
async function finish({ place, credential, historyFile, history, said, server, stored }: Finish): Promise<void> {
  const names = await readdir(place, { recursive: true })
  const secrets = new Set(server.issued)
  for (const { refreshTokens } of server.state().grants) for (const { token } of refreshTokens) secrets.add(token)
  const texts = [...said, ...names, await readFile(historyFile, 'utf8')]
  const found = texts.flatMap((text) => text.match(/\b[ar]t_[\w-]{32}/g) ?? [])
  history.write({
    type: 'finished',
    leftovers: names.filter((name) => name !== path.basename(credential)),
    mode: (await stat(credential)).mode & 0o777,
    leaks: found.filter((text) => secrets.has(text)).length,
    stored: (await stored()).durable,
  })
}
