import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test } from 'vitest'
import { consoleLog, createTokenManagers, eventLog, type TokenEvent, tellEach } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
const holder = { host: 'a b', pid: 7 }

/** A logger of pino's shape that keeps what it is told. */
function notes() {
  const written: { level: string; fields: unknown; message: string }[] = []
  const write = (level: string) => (fields: object, message: string) => void written.push({ level, fields, message })
  return { written, logger: { info: write('info'), warn: write('warn'), error: write('error') } }
}

/** A console that keeps its lines, each after its level. */
function lines() {
  const written: string[] = []
  const write = (level: string) => (line: string) => void written.push(`${level} ${line}`)
  return { written, target: { info: write('info'), warn: write('warn'), error: write('error') } }
}

describe('eventLog', () => {
  test('each event is one entry with a sentence, and the event itself under `tokenflight`', () => {
    const { written, logger } = notes()
    const event: TokenEvent = { at, key: 'default', type: 'refreshed', generation: 2, durationMs: 50, rotated: true }
    eventLog(logger)(event)
    expect(written).toEqual([{ level: 'info', fields: { tokenflight: event }, message: 'token refreshed' }])
  })

  test.each<[string, TokenEvent]>([
    ['error', { at, key: 'k', type: 'refresh_failed', code: 'reauthorization_required', background: false }],
    ['error', { at, key: 'k', type: 'refresh_failed', code: 'invalid_client', background: true }],
    ['warn', { at, key: 'k', type: 'refresh_failed', code: 'temporarily_unavailable', background: false }],
    ['warn', { at, key: 'k', type: 'refresh_failed', code: 'refresh_outcome_unknown', background: false }],
    ['error', { at, key: 'k', type: 'keep_fresh_paused', code: 'no_credential' }],
    ['error', { at, key: 'k', type: 'revocation_failed', status: 503 }],
    ['warn', { at, key: 'k', type: 'takeover', generation: 1, presentation: 2, holder, verdict: 'dead' }],
    ['warn', { at, key: 'k', type: 'unsaved', generation: 1 }],
    ['info', { at, key: 'k', type: 'saved', generation: 1 }],
    ['info', { at, key: 'k', type: 'signed_out' }],
  ])('%s: %o', (level, event) => {
    const { written, logger } = notes()
    eventLog(logger)(event)
    expect(written.map((entry) => entry.level)).toEqual([level])
  })

  test('the sentence of a failure names its code', () => {
    const { written, logger } = notes()
    eventLog(logger)({ at, key: 'k', type: 'refresh_failed', code: 'invalid_client', background: false })
    expect(written[0]?.message).toBe('token refresh failed: invalid_client')
  })
})

describe('consoleLog', () => {
  test('an event is one line of logfmt after its time, name and key', () => {
    const { written, target } = lines()
    const log = consoleLog(target)
    log({ at, key: 'default', type: 'takeover', generation: 3, presentation: 2, holder, verdict: 'expired' })
    log({ at, key: 'k', type: 'scope_missing', generation: 1, missing: ['mail', 'files'] })
    expect(written).toEqual([
      'warn 2026-01-02T03:04:05.006Z tokenflight takeover key=default generation=3 presentation=2 holder.host="a b" holder.pid=7 verdict=expired',
      'warn 2026-01-02T03:04:05.006Z tokenflight scope_missing key=k generation=1 missing=mail,files',
    ])
  })

  test.each([
    ['', '""'],
    ['a b', '"a b"'],
    ['a=b', '"a=b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['one\ntwo', '"one\\ntwo"'],
    ['\u001b[31m', '"\\u001b[31m"'],
    ['\u0085\u2028', '"\\u0085\\u2028"'],
    ['\u202eadmin', '"\\u202eadmin"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['acme:ada@example.com', 'acme:ada@example.com'],
  ])('a key %j can break neither its line nor its field', (key, written) => {
    const { written: all, target } = lines()
    consoleLog(target)({ at, key, type: 'signed_out' })
    expect(all).toEqual([`info 2026-01-02T03:04:05.006Z tokenflight signed_out key=${written}`])
  })
})

describe('tellEach', () => {
  test('whoever throws or rejects keeps nothing from the others', async () => {
    const { clock, server, tokens } = await scene()
    const heard: string[] = []
    tokens.subscribe(
      tellEach(
        () => {
          throw new Error('mine')
        },
        () => Promise.reject(new Error('mine, later')),
        ({ type }) => heard.push(type),
      ),
    )
    await clock.advance(hour)
    await outcome(clock, tokens.getAccessToken())
    expect(server.requests).toBe(1)
    expect(heard).toEqual(['refresh_started', 'refreshed'])
  })
})

describe('the channel tokenflight:event', () => {
  test('every manager publishes what its listeners are told, to whoever subscribes', async () => {
    const { clock, server, events, tokens, sibling } = await scene({ retryFor: 0 })
    const silent = sibling({ onEvent: undefined })
    await clock.advance(hour)
    const heard: unknown[] = []
    const listen = (event: unknown) => void heard.push(event)
    subscribe('tokenflight:event', listen)
    onTestFinished(() => void unsubscribe('tokenflight:event', listen))
    events.length = 0
    await outcome(clock, tokens.getAccessToken())
    expect(heard).toEqual(events)
    expect(heard.map((event) => event === events[heard.indexOf(event)])).toEqual([true, true])

    await outcome(clock, silent.getAccessToken())
    expect(heard.at(-1)).toMatchObject({ type: 'adopted' })

    const users = createTokenManagers({ grant: server.grant, timing: clock })
    await settle(clock, users.for('nobody').getAccessToken())
    expect(heard.at(-1)).toMatchObject({ type: 'refresh_failed', key: 'nobody', code: 'no_credential' })
    unsubscribe('tokenflight:event', listen)
    const before = heard.length
    await settle(clock, users.for('nobody').getAccessToken())
    expect(heard).toHaveLength(before)
  })
})
