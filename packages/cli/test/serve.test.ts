import { once } from 'node:events'
import { access, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { finished, type RunOptions } from './command-line.ts'
import { openPlace, type Place } from './place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.close())

interface Served {
  issuer: string
  tokenEndpoint: string
  clientId: string
  api: string
  file: string
}

/** Starts it, and hands over its endpoints and its next lines. */
async function serve(args: string[] = [], options: RunOptions = {}) {
  const child = place.start(['serve', '--json', ...args], options)
  const ended = finished(child)
  const lines: string[] = []
  let rest = ''
  child.stdout?.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    child.emit('lines')
  })
  const next = async (): Promise<Record<string, unknown>> => {
    while (lines.length === 0) await once(child, 'lines')
    return JSON.parse(lines.shift() ?? '')
  }
  const served = (await next()) as unknown as Served
  const tokens = async () => JSON.parse(await readFile(served.file, 'utf8'))
  const refresh = (refresh_token: string) =>
    fetch(served.tokenEndpoint, {
      method: 'POST',
      headers: { 'user-agent': 'my-client/1' },
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: served.clientId, refresh_token }),
    })
  return { child, ended, next, served, tokens, refresh }
}

describe('tokenflight serve', () => {
  test('signs in, tells every request, and revokes the login when a spent refresh token comes back', async () => {
    const { child, ended, next, served, tokens, refresh } = await serve()
    const first = await tokens()
    expect((await stat(served.file)).mode & 0o777).toBe(0o600)
    const call = await fetch(`${served.api}/things?secret=1`, {
      headers: { authorization: `Bearer ${first.access_token}` },
    })
    expect(call.status).toBe(200)
    expect(await next()).toMatchObject({ kind: 'api', what: 'GET /things', status: 200, generation: 1 })

    expect((await refresh(first.refresh_token)).status).toBe(200)
    expect(await next()).toMatchObject({
      kind: 'token',
      client: 'my-client/1',
      generation: 1,
      grant: 'grant_1',
      what: 'redeemed',
      status: 200,
      alive: true,
    })
    expect((await refresh(first.refresh_token)).status).toBe(400)
    expect(await next()).toMatchObject({ generation: 1, what: 'reused', status: 400, alive: false })

    child.kill('SIGINT')
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
    for (const secret of [first.access_token, first.refresh_token, 'secret']) expect(stdout).not.toContain(secret)
    await expect(access(served.file)).rejects.toThrow('ENOENT')
  })

  test('any client can be tried on it, such as our own token', async () => {
    const file = join(place.directory, 'mine.json')
    const { child, ended, next, served, tokens } = await serve(['--file', file])
    await fetch(`${served.issuer}/_simulator/expire`, { method: 'POST' })
    const flags = ['--file', file, '--issuer', served.issuer, '--client-id', served.clientId, '--rejected', '-']
    const { code, stdout } = await place.run(['token', ...flags], { stdin: (await tokens()).access_token })
    expect(code).toBe(0)
    expect(await next()).toMatchObject({ kind: 'token', what: 'redeemed', generation: 1 })
    expect((await fetch(served.api, { headers: { authorization: `Bearer ${stdout.trim()}` } })).status).toBe(200)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    // The user's own file stays, and is not written over by the next one.
    const again = await place.run(['serve', '--file', file])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
  })

  test('--grace, --no-strict and --no-rotate make it more lenient', async () => {
    const presentTwice = async (...args: string[]) => {
      const { child, ended, tokens, refresh } = await serve(args)
      const { refresh_token } = await tokens()
      const statuses = [(await refresh(refresh_token)).status, (await refresh(refresh_token)).status]
      child.kill('SIGINT')
      await ended
      return statuses
    }
    expect(await presentTwice('--grace', '60')).toEqual([200, 200])
    expect(await presentTwice('--no-rotate')).toEqual([200, 200])
    expect(await presentTwice('--no-strict')).toEqual([200, 400])
  })

  test('--faults strike the next token requests, before or after the refresh token is spent', async () => {
    const { child, ended, next, tokens, refresh } = await serve([
      '--faults',
      'unavailable,spent:reset',
      '--grace',
      '60',
    ])
    const { refresh_token } = await tokens()
    expect((await refresh(refresh_token)).status).toBe(503)
    expect(await next()).toMatchObject({ what: 'not processed', status: 503 })
    await expect(refresh(refresh_token)).rejects.toThrow()
    expect(await next()).toMatchObject({ what: 'redeemed, answer lost' })
    expect((await refresh(refresh_token)).status).toBe(200)
    expect(await next()).toMatchObject({ what: 'repeated', alive: true })
    child.kill('SIGINT')
    await ended
  })

  test('people read what to do, and at the end what became of the login; a client cannot move their cursor', async () => {
    const child = place.start(['serve'])
    const ended = finished(child)
    let seen = ''
    while (!seen.includes('Ctrl-C')) if (child.stdout !== null) seen += String((await once(child.stdout, 'data'))[0])
    const [, api = ''] = /^API +(http:\/\/127\.0\.0\.1:\d+)\//m.exec(seen) ?? []
    const answered = child.stdout === null ? undefined : once(child.stdout, 'data')
    await fetch(api, { headers: { 'user-agent': 'evil\tclient' } })
    await answered
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toContain('By hand:')
    expect(stdout).toMatch(/ api {4}evil\?client +no known token +GET \/ 401\n/)
    expect(stdout).toContain('0 token requests, 0 of a spent refresh token; the login lives.')
  })

  test.each([
    [['--port', '65536'], 'whole number from 0 to 65535'],
    [['--faults', 'none,nonsense'], 'There are none, unavailable'],
  ])('%j is refused, and it says what there is', async (args, message) => {
    const { code, stderr } = await place.run(['serve', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  test('a port that is in use is named', async () => {
    const port = new URL(place.server.url).port
    const { code, stderr } = await place.run(['serve', '--port', port])
    expect([code, stderr]).toEqual([
      1,
      `error: --port: port ${port} is in use. Give another, or leave it out for one that is free.\n`,
    ])
  })
})
