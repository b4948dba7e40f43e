import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DemoResult } from '../src/demo/result.ts'
import { finished, run, start } from './command-line.ts'

const small = ['demo', '--processes', '2', '--callers', '5', '--expiries', '1']

function parse(stdout: string): DemoResult {
  expect(stdout).toMatch(/^\{.*\}\n$/)
  return JSON.parse(stdout)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('tokenflight demo', () => {
  test('two processes destroy a login the usual way and keep it with tokenflight', async () => {
    const { code, stdout, stderr } = await run([...small, '--json'])
    const { server, processes, callers, expiries, clients, without, with: ours, timeline } = parse(stdout)

    expect({ processes, callers, expiries, clients }).toEqual({
      processes: 2,
      callers: 5,
      expiries: 1,
      clients: ['fetch', 'axios', 'got', 'ky'],
    })
    expect(server).toEqual({ name: 'oidc-provider', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })

    expect(ours).toMatchObject({ requests: 10, succeeded: 10, tokenRequests: 1, replays: 0, grantAlive: true })
    // Process 1 begins with fetch, process 2 with axios.
    expect(ours.succeededBy).toEqual({ fetch: 3, axios: 3, got: 2, ky: 2 })
    expect(code).toBe(0)

    expect(without).toMatchObject({ requests: 10, grantAlive: false })
    expect(without.succeeded).toBeLessThanOrEqual(5)
    expect(without.tokenRequests).toBeGreaterThanOrEqual(2)
    expect(without.replays).toBeGreaterThanOrEqual(1)

    for (const side of [without, ours]) expect(side.durationMs).toBeGreaterThan(100)
    expect(timeline.without.revokedAt).toBeGreaterThan(0)
    const marks = timeline.with.processes.map(({ marks }) => marks.map(({ what }) => what))
    expect(marks.flat().filter((what) => what === 'posted')).toHaveLength(1)
    expect(marks).toContainEqual(['asked', 'posted', 'kept', 'finished'])
    expect(marks).toContainEqual(['asked', 'waiting', 'adopted', 'finished'])

    // Everything for people is on stderr then, and the authorization server's own words are nowhere.
    expect(stderr).toContain('replays of a spent token')
    expect(stdout + stderr).not.toMatch(/WARNING|NOTICE|Warning:/)
  })

  test('by default, four processes with 25 callers each live through three expiries', async () => {
    const { code, stdout } = await run(['demo', '--json'])
    const result = parse(stdout)
    expect(result).toMatchObject({ processes: 4, callers: 25, expiries: 3 })
    expect(result.with).toMatchObject({ requests: 300, succeeded: 300, tokenRequests: 3, replays: 0, grantAlive: true })
    expect(result.without).toMatchObject({ requests: 300, grantAlive: false })
    expect(result.without.succeeded).toBeLessThanOrEqual(100)
    expect(code).toBe(0)
  })

  test('without --json people read the story on stdout, in plain text where it is no terminal', async () => {
    const { code, stdout, stderr } = await run(small)
    expect(code).toBe(0)
    expect(stdout).toContain('The usual way: 2 processes x 5 callers')
    expect(stdout).toMatch(/login +│ +REVOKED │ +alive/)
    expect(stdout).toContain('npm install tokenflight')
    expect(stdout.includes('\u001b')).toBe(false)
    expect(stdout).not.toContain('{"')
    expect(stderr).toMatch(
      /^oidc-provider .*2 processes x 5 callers, 1 expiry\nCallers take fetch, axios, got and ky in turn\.$/m,
    )
    expect(stderr).toMatch(/^with tokenflight, expiry 1 .* 10 ok, 0 failed, 1 token request, login alive$/m)
    expect(stderr.includes('\u001b')).toBe(false)
  })

  test('one process alone survives the usual way, and the story says so', async () => {
    const { code, stdout } = await run(['demo', '--processes', '1', '--callers', '3', '--expiries', '2'], {
      env: { LANG: 'C' },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('One process alone gets by the usual way')
    // A locale without UTF-8 gets ASCII.
    expect([...stdout].filter((character) => character > '~')).toEqual([])
  })

  test('where oidc-provider is not installed, the simulator takes its place and is named', async () => {
    const { code, stdout, stderr } = await run(
      ['demo', '--processes', '2', '--callers', '5', '--expiries', '2', '--json'],
      { imports: [new URL('./without-oidc-provider.ts', import.meta.url)] },
    )
    const { server, without, with: ours } = parse(stdout)
    expect(server.name).toBe('@tokenflight/testing')
    expect(stderr).toContain('oidc-provider 9 is not installed')
    expect(ours).toMatchObject({ requests: 20, succeeded: 20, tokenRequests: 2, replays: 0, grantAlive: true })
    expect(without.grantAlive).toBe(false)
    expect(without.replays).toBeGreaterThanOrEqual(1)
    expect(code).toBe(0)
  })

  test('where a client or its adapter is not installed, the callers take the others, and the way to have all is told', async () => {
    const { code, stdout, stderr } = await run([...small, '--json'], {
      imports: [new URL('./without-axios-and-got.ts', import.meta.url)],
    })
    const { clients, with: ours } = parse(stdout)
    expect(clients).toEqual(['fetch', 'ky'])
    expect(ours).toMatchObject({ succeeded: 10, succeededBy: { fetch: 5, ky: 5 }, tokenRequests: 1 })
    expect(stderr).toContain('Callers take fetch and ky in turn.')
    expect(stderr).toContain('npx -p tokenflight -p axios@1 -p @tokenflight/got tokenflight demo')
    expect(code).toBe(0)
  })

  test('threads share the callers of a process, and each is a caller of its own in the picture', async () => {
    const { code, stdout, stderr } = await run([...small, '--threads', '2', '--json'])
    const { threads, with: ours, timeline } = parse(stdout)
    expect(threads).toBe(2)
    expect(ours).toMatchObject({ requests: 10, succeeded: 10, tokenRequests: 1, replays: 0, grantAlive: true })
    expect(timeline.with.processes.map(({ name, succeeded }) => [name, succeeded])).toEqual([
      ['thread 1.1', 3],
      ['thread 1.2', 2],
      ['thread 2.1', 3],
      ['thread 2.2', 2],
    ])
    const marks = timeline.with.processes.map(({ marks }) => marks.map(({ what }) => what))
    expect(marks.flat().filter((what) => what === 'posted')).toHaveLength(1)
    expect(stderr).toMatch(/^ {2}thread 1\.2 /m)
    expect(code).toBe(0)
    const many = await run([...small, '--threads', '6'])
    expect(many).toMatchObject({ code: 2, stderr: expect.stringContaining('6 threads cannot share 5 callers') })
  })

  test('--record writes one page with both pictures that needs nothing else, and says where', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'record-'))
    try {
      const path = join(directory, 'demo.html')
      const { code, stdout, stderr } = await run([...small, '--record', path, '--json'])
      expect(code).toBe(0)
      expect(parse(stdout).with.succeeded).toBe(10)
      expect(stderr).toContain(`Written: ${path}`)
      const page = await readFile(path, 'utf8')
      expect(page.match(/<figure class="timeline">/g)).toHaveLength(2)
      expect(page).toContain('<th scope="row">replays of a spent token</th>')
      expect(page).not.toMatch(/<script|src=|href=/)
      const missing = await run([...small, '--record', join(directory, 'nowhere', 'demo.html')])
      expect(missing).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('cannot be written (ENOENT)'),
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('a single caller uses one client, and the result names no other', async () => {
    const { code, stdout } = await run(['demo', '--processes', '1', '--callers', '1', '--expiries', '2', '--json'])
    const { clients, without, with: ours } = parse(stdout)
    expect(clients).toEqual(['fetch'])
    expect(ours).toMatchObject({ succeededBy: { fetch: 2 }, tokenRequests: 2 })
    expect(without.grantAlive).toBe(true)
    expect(code).toBe(0)
  })

  test('a tokenflight that does not keep its promise ends with exit code 1, and the story does not hide it', async () => {
    const { code, stdout, stderr } = await run([...small, '--json'], {
      imports: [new URL('./defective-tokenflight.ts', import.meta.url)],
    })
    expect(parse(stdout).with).toMatchObject({ grantAlive: false })
    expect(stderr).toContain('not what it promises')
    expect(code).toBe(1)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('a demo that %s ends leaves no process and no file behind', async (signal, expected) => {
    const directory = await mkdtemp(join(tmpdir(), 'interrupted-'))
    try {
      const temporary = join(directory, 'tmp')
      await mkdir(temporary)
      const env = { TMPDIR: temporary, PIDS: join(directory, 'pids') }
      const child = start(['demo', '--processes', '3'], { env, imports: [new URL('./note-pid.ts', import.meta.url)] })
      child.stderr?.once('data', () => child.kill(signal))
      const { code, stdout } = await finished(child)
      expect(code).toBe(expected)
      expect(stdout).toBe('')
      expect(await readdir(temporary)).toEqual([])
      const pids = (await readFile(env.PIDS, 'utf8')).trim().split('\n').map(Number)
      expect(pids).toHaveLength(4)
      expect(pids.filter(isAlive)).toEqual([])
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('a reader who leaves early is no error', async () => {
    const child = start(small)
    child.stdout?.destroy()
    const { code, stderr } = await finished(child)
    expect(stderr).not.toContain('EPIPE')
    expect(code).toBe(0)
  })
})
