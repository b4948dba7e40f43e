import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { hasRedis } from '../services/redis.ts'
import { check } from './check.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** The command, with a place for temporary files of its own, and in a process group of its own as a shell would have it. */
function start(...args: string[]) {
  const place = mkdtempSync(path.join(tmpdir(), 'tokenflight-main-'))
  // Servers and processes that run as somebody else have to get in.
  chmodSync(place, 0o711)
  const child = spawn(process.execPath, ['--conditions=@tokenflight/source', main, ...args], {
    detached: true,
    env: { ...process.env, TMPDIR: place, NODE_OPTIONS: '' },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }))
  const left = () => ({
    files: readdirSync(place),
    processes: execFileSync('ps', ['-eo', 'stat,pid,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => !line.startsWith('Z') && (line.includes(place) || worksIn(line.trim().split(/ +/)[1], place))),
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    rmSync(place, { recursive: true, force: true })
  })
  return { child, ended, left, output }
}

/** Servers do not tell their directory, they are in it. */
function worksIn(pid: string | undefined, place: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(place)
  } catch {
    return false
  }
}

const nothing = { files: [], processes: [] }

const stores = [
  { store: 'file', server: 'simulator', missing: false },
  { store: 'redis', server: 'oidc', missing: !hasRedis },
  { store: 'postgres', server: 'simulator', missing: false },
] as const

describe('the chaos command', () => {
  for (const { store, server, missing } of stores) {
    test.skipIf(missing)(
      `keeps every promise with ${store} and ${server}, says so in one line of JSON, and leaves nothing behind`,
      { timeout: 120_000 },
      async () => {
        const run = start(...`--store ${store} --server ${server} --seconds 6 --seed 7 --processes 3 --json`.split(' '))
        const { code, stdout, stderr } = await run.ended
        expect(stdout, stderr).toMatch(/^\{.*\}\n$/)
        const result = JSON.parse(stdout)
        expect(result, stderr).toMatchObject({
          ...{ store, server, way: 'tokenflight', seconds: 6, seed: 7, processes: 3, boundMs: expect.any(Number) },
          ...{ unjustified: 0, lostKept: 0, tornReads: 0, foreignTokens: 0, generationBack: 0, violations: [] },
          invariants: Object.fromEntries('I1 I2 I3 I4 I5 I6 I7 I8 I9 P1 P2'.split(' ').map((name) => [name, true])),
        })
        for (const name of ['kills', 'stops', 'justifiedRepeats', 'longestWaitMs', 'generations'])
          expect(result[name], name).toBeTypeOf('number')
        expect(result.presentations).toBeGreaterThan(2)
        expect(result.kills + result.stops).toBeGreaterThan(0)
        expect(result.faults).toBeGreaterThan(2)
        expect(code).toBe(0)
        expect(stderr).toContain('seed 7')
        expect(run.left()).toEqual(nothing)
      },
    )
  }

  test.for(['naive', 'refresh-guard', '@badgateway/oauth2-client'])(
    'finds %s out, says how, and ends with code 1',
    { timeout: 120_000 },
    async (way) => {
      const run = start('--seconds', '5', '--seed', '7', '--processes', '3', '--way', way)
      const { code, stdout, stderr } = await run.ended
      expect(stdout, stderr).toMatch(/BROKEN {2}I1/)
      expect(stdout).toMatch(/again, without a reason +[1-9]/)
      expect(stderr).toContain('--seed 7')
      expect(code).toBe(1)
      const { files, processes } = run.left()
      expect({ files: files.length, processes }).toEqual({ files: 1, processes: [] })
      const history = /What happened: (.+\.jsonl)\./.exec(stderr)?.[1] ?? ''
      const entries = readFileSync(history, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(check(entries).invariants.I1).toBe(false)
    },
  )

  test('refuses a wrong option with code 2, before anything is started', async () => {
    const { code, stdout, stderr } = await start('--store', 'memory').ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--store memory')
  })

  test('says what its options are', async () => {
    const { code, stdout } = await start('--help').ended
    expect(code).toBe(0)
    expect(stdout).toContain('--seconds <n>')
  })

  const started = async (store: string) => {
    const run = start('--store', store, '--seconds', '600', '--processes', '2')
    const workers = () => run.left().processes.filter((line) => line.includes('worker.ts'))
    await vi.waitFor(() => expect(workers()).toHaveLength(2), { timeout: 40_000, interval: 200 })
    return run
  }

  // With PostgreSQL, whose library has hooks of its own.
  test('takes everything with it when it is interrupted', async () => {
    const run = await started('postgres')
    // As Ctrl-C does: to the whole group.
    process.kill(-(run.child.pid ?? 0), 'SIGINT')
    const end = await run.ended
    expect(end, end.stderr).toMatchObject({ code: 130, stdout: '' })
    expect(run.left()).toEqual(nothing)
  })

  test.for([
    ['the file system that it has mounted', 'file'],
    ['the server that it has started', hasRedis ? 'redis' : 'postgres'],
  ] as const)('takes everything with it when it is killed itself, also %s', async ([, store]) => {
    const run = await started(store)
    run.child.kill('SIGKILL')
    await vi.waitFor(() => expect(run.left()).toEqual(nothing), { timeout: 20_000, interval: 200 })
  })
})
