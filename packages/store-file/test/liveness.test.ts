import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Holder } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { inPlace } from './place.ts'

/** What /proc shows instead of what is there: text, or undefined for "may not be read". */
const proc = vi.hoisted(() => new Map<string, string | undefined>())

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>()
  const seen = (path: unknown): string => {
    const text = proc.get(String(path))
    if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    return text
  }
  return {
    ...original,
    readFileSync: (path: string, ...rest: []) => (proc.has(path) ? seen(path) : original.readFileSync(path, ...rest)),
    readlinkSync: (path: string, ...rest: []) => (proc.has(path) ? seen(path) : original.readlinkSync(path, ...rest)),
  }
})

const bootId = '/proc/sys/kernel/random/boot_id'
const pidNamespace = '/proc/self/ns/pid'
const own = `/proc/${process.pid}/stat`

afterEach(() => {
  proc.clear()
  vi.restoreAllMocks()
})

const open = () => fileStore(inPlace())
const gone = 2 ** 22 + 1
const killSays = (code?: string) =>
  vi.spyOn(process, 'kill').mockImplementation(() => {
    if (code === undefined) return true
    throw Object.assign(new Error(code), { code })
  })

describe('S5 whether a holder is alive is proven, never guessed', () => {
  test('a process says which boot, namespace, process and thread it is', () => {
    const holder = open().holder()
    expect(holder).toEqual({
      host: readFileSync(bootId, 'utf8').trim(),
      namespace: expect.stringMatching(/^pid:\[\d+\]$/),
      pid: process.pid,
      startedAt: expect.stringMatching(/^\d+$/),
      thread: expect.any(Number),
    })
    holder.pid = 0
    expect(open().holder().pid).toBe(process.pid)
  })

  test('this process is alive, a process that was killed is dead', async () => {
    const store = open()
    expect(await store.holderState(store.holder())).toBe('alive')
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const { startedAt: _, thread: __, ...unstamped } = { ...store.holder(), pid: child.pid ?? 0 }
    expect(await store.holderState(unstamped)).toBe('alive')
    child.kill('SIGSTOP')
    expect(await store.holderState(unstamped)).toBe('alive')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(await store.holderState(unstamped)).toBe('dead')
  })

  test('a process id that was given to another process is a dead holder', async () => {
    const store = open()
    expect(await store.holderState({ ...store.holder(), startedAt: '1' })).toBe('dead')
  })

  test('a process that has ended counts as dead before its parent asks', async () => {
    const store = open()
    // The shell becomes a sleep that never asks after the child it inherits; only then may that child end.
    const parent = spawn('sh', ['-c', 'cat <&3 >/dev/null & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    if (parent.stdout === null) throw new Error('the shell has no output')
    const [line] = await once(parent.stdout, 'data')
    const { startedAt: _, ...holder } = { ...store.holder(), pid: Number(String(line)) }
    const stat = (pid: number | undefined) => readFileSync(`/proc/${pid}/stat`, 'utf8')
    await vi.waitFor(() => expect(stat(parent.pid)).toContain('(sleep)'))
    parent.stdio[3]?.destroy()
    await vi.waitFor(() => expect(stat(holder.pid)).toContain(') Z '))
    expect(await store.holderState(holder)).toBe('dead')
  })

  test('a name with parentheses and spaces does not disturb', async () => {
    const store = open()
    proc.set(`/proc/${gone}/stat`, `${gone} (odd) Z 1 (name) S ${'0 '.repeat(18)}42 0`)
    expect(await store.holderState({ ...store.holder(), pid: gone, startedAt: '42' })).toBe('alive')
    expect(await store.holderState({ ...store.holder(), pid: gone, startedAt: '43' })).toBe('dead')
    proc.set(`/proc/${gone}/stat`, `${gone} (x) X ${'0 '.repeat(18)}42 0`)
    expect(await store.holderState({ ...store.holder(), pid: gone, startedAt: '42' })).toBe('dead')
  })

  test.for<[string, Partial<Holder>]>([
    ['another host, or boot', { host: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' }],
    ['another container', { namespace: 'pid:[4026531999]' }],
    ['no process id', { pid: Number.NaN }],
    ['an impossible process id', { pid: -1 }],
  ])('nothing is said about %s, though no such process is here', async ([, difference]) => {
    const store = open()
    expect(await store.holderState({ ...store.holder(), pid: gone })).toBe('dead')
    expect(await store.holderState({ ...store.holder(), pid: gone, ...difference })).toBe('unknown')
    const { pid: _, ...nameless } = store.holder()
    expect(await store.holderState(nameless)).toBe('unknown')
    const { namespace: __, ...unplaced } = store.holder()
    expect(await store.holderState({ ...unplaced, pid: gone })).toBe('unknown')
  })

  test('where /proc hides a process, only "no such process" is death', async () => {
    const store = open()
    const holder = { ...store.holder(), pid: 4711 }
    proc.set('/proc/4711/stat', undefined)
    killSays('EPERM')
    expect(await store.holderState(holder)).toBe('alive')
    killSays()
    expect(await store.holderState(holder)).toBe('alive')
    killSays('ESRCH')
    expect(await store.holderState(holder)).toBe('dead')
  })

  test('where /proc hides the namespace, a process id may be anybody', async () => {
    proc.set(pidNamespace, undefined)
    const store = open()
    expect(store.holder()).not.toHaveProperty('namespace')
    expect(await store.holderState({ ...store.holder(), pid: gone })).toBe('unknown')
  })

  test('without /proc (macOS, Windows) a boot is this host name and the time it started, give or take the clock', async () => {
    for (const path of [bootId, pidNamespace, own]) proc.set(path, undefined)
    const store = open()
    const holder = store.holder()
    expect(holder).toEqual({
      host: expect.stringMatching(/^[0-9a-f]{16}@\d+$/),
      pid: process.pid,
      thread: expect.any(Number),
    })
    killSays('ESRCH')
    const [name, seconds] = holder.host.split('@')
    const at = (shift: number) =>
      store.holderState({ ...holder, host: `${name}@${Number(seconds) + shift}`, pid: 4711 })
    proc.set('/proc/4711/stat', undefined)
    expect(await Promise.all([at(0), at(2), at(-2), at(10), at(-10)])).toEqual([
      'dead',
      'dead',
      'dead',
      'unknown',
      'unknown',
    ])
    vi.spyOn(os, 'hostname').mockReturnValue('another')
    expect(await open().holderState({ ...holder, pid: 4711 })).toBe('unknown')
    expect(await store.holderState({ ...holder, host: 'no-boot', pid: 4711 })).toBe('unknown')
  })

  test('threads of one process are different holders, and one that was terminated is dead where the kernel tells', async () => {
    const store = open()
    const worker = new Worker(
      `import { parentPort } from 'node:worker_threads'
       import { fileStore } from '@tokenflight/store-file'
       parentPort.on('message', () => {})
       parentPort.postMessage(fileStore('x').holder())`,
      { eval: true, execArgv: ['--conditions=@tokenflight/source', '--input-type=module'] },
    )
    const [holder] = await once(worker, 'message')
    expect(holder).toMatchObject({ pid: process.pid, host: store.holder().host })
    expect(holder.thread).not.toBe(store.holder().thread)
    expect(await store.holderState(holder)).toBe('alive')
    await worker.terminate()
    const fate = process.platform === 'linux' ? 'dead' : 'alive'
    await vi.waitFor(async () => expect(await store.holderState(holder)).toBe(fate))
  })
})
