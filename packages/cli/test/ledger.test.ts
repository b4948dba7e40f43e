import { describe, expect, test } from 'vitest'
import { createLedger } from '../src/demo/ledger.ts'

const at = 1_000_000
const open = () => {
  const ledger = createLedger(() => at)
  return { ledger, login: ledger.open({ access_token: 'a0', refresh_token: 'r0', expires_in: 10 }) }
}

describe('the ledger of presented refresh tokens', () => {
  test('a chain of rotations has no replay', () => {
    const { ledger, login } = open()
    expect(login.expiresAt).toBe(at + 10_000)
    ledger.redeemed('r0', { refresh_token: 'r1', expires_in: 20 })
    ledger.redeemed('r1', { refresh_token: 'r2', expires_in: 30 })
    expect(login).toMatchObject({ tokenRequests: 2, replays: 0, expiresAt: at + 30_000 })
  })

  test('what comes back after its redemption is a replay, once for each time', () => {
    const { ledger, login } = open()
    ledger.redeemed('r0', { refresh_token: 'r1' })
    ledger.refused('r0')
    ledger.refused('r0')
    expect(login).toMatchObject({ tokenRequests: 3, replays: 2 })
  })

  test('a refusal that is known before the redemption it lost to was a replay, too', () => {
    const { ledger, login } = open()
    ledger.refused('r0')
    expect(login.replays).toBe(0)
    ledger.redeemed('r0', { refresh_token: 'r1' })
    expect(login).toMatchObject({ tokenRequests: 2, replays: 1 })
  })

  test('a refresh token that is refused without ever being redeemed is no replay', () => {
    const { ledger, login } = open()
    ledger.refused('r0')
    ledger.refused('r0')
    expect(login).toMatchObject({ tokenRequests: 2, replays: 0 })
  })

  test('a token that nobody issued belongs to no login', () => {
    const { ledger, login } = open()
    ledger.refused('foreign')
    ledger.redeemed('foreign', {})
    expect(login).toMatchObject({ tokenRequests: 0, replays: 0 })
  })
})
