import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** The command, with a place for temporary files of its own, and in a process group of its own as a shell would have it. */
function start(...args: string[]) {
  const place = mkdtempSync(path.join(tmpdir(), 'tokenflight-main-'))
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
    processes: execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(place) && !line.startsWith('Z')),
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    rmSync(place, { recursive: true, force: true })
  })
  return { child, ended, left, output }
}

const nothing = { files: [], processes: [] }

describe('the chaos command', () => {
  test('prints one JSON object on one line, with every promise kept, and leaves nothing behind', async () => {
    const run = start('--seconds', '3', '--seed', '7', '--processes', '4', '--json')
    const { code, stdout, stderr } = await run.ended
    expect(stdout).toMatch(/^\{.*\}\n$/)
    const result = JSON.parse(stdout)
    expect(result, stderr).toMatchObject({
      ...{ store: 'file', way: 'tokenflight', seconds: 3, seed: 7, processes: 4, boundMs: expect.any(Number) },
      ...{ unjustified: 0, lostKept: 0, tornReads: 0, foreignTokens: 0, generationBack: 0, violations: [] },
      invariants: Object.fromEntries('I1 I2 I3 I4 I5 I6 I7 I8 I9 P1 P2'.split(' ').map((name) => [name, true])),
    })
    for (const name of [
      'kills',
      'stops',
      'faults',
      'presentations',
      'justifiedRepeats',
      'longestWaitMs',
      'generations',
    ])
      expect(result[name], name).toBeTypeOf('number')
    expect(result.presentations).toBeGreaterThan(2)
    expect(result.kills + result.stops).toBeGreaterThan(0)
    expect(code).toBe(0)
    expect(stderr).toContain('seed 7')
    expect(run.left()).toEqual(nothing)
  })

  test('finds the naive way out, says how, and ends with code 1', async () => {
    const run = start('--seconds', '2', '--seed', '7', '--processes', '4', '--way', 'naive')
    const { code, stdout, stderr } = await run.ended
    expect(stdout).toMatch(/BROKEN {2}I1/)
    expect(stdout).toMatch(/again, without a reason +[1-9]/)
    expect(stderr).toContain('--seed 7')
    expect(code).toBe(1)
    expect(run.left()).toEqual(nothing)
  })

  test('refuses a wrong option with code 2, before anything is started', async () => {
    const { code, stdout, stderr } = await start('--store', 'redis').ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--store redis')
  })

  test('says what its options are', async () => {
    const { code, stdout } = await start('--help').ended
    expect(code).toBe(0)
    expect(stdout).toContain('--seconds <n>')
  })

  test('takes everything with it when it is interrupted', async () => {
    const run = start('--seconds', '600', '--processes', '3')
    await vi.waitFor(() => expect(run.left().processes.length).toBeGreaterThan(3), 10_000)
    // As Ctrl-C does: to the whole group.
    process.kill(-(run.child.pid ?? 0), 'SIGINT')
    expect(await run.ended).toMatchObject({ code: 130, stdout: '' })
    expect(run.left()).toEqual(nothing)
  })

  test('takes everything with it when it is killed itself', async () => {
    const run = start('--seconds', '600', '--processes', '3')
    await vi.waitFor(() => expect(run.left().processes.length).toBeGreaterThan(3), 10_000)
    run.child.kill('SIGKILL')
    await vi.waitFor(() => expect(run.left()).toEqual(nothing), 10_000)
  })
})
