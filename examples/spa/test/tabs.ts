import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allAnswered, expire, press, type Stage, shows, tells } from './stage.ts'

export function tabs({ example: { counts }, gate, ...stage }: Stage): void {
  describe('any number of tabs', () => {
    for (const number of [2, 10]) {
      test(`${number} tabs with 20 calls each make one token request per expiry, and every tab shows it`, async () => {
        await using scene = await stage.scene()
        const pages = await scene.signedIn(number)
        const [first] = pages
        assert(first)
        for (const generation of ['2', '3']) {
          const { tokenRequests, answered, refused } = counts
          await expire(first)
          await Promise.all(pages.map((page) => press(page, 'Fire 20 calls')))
          await Promise.all(pages.map((page) => shows(page, 'generation', generation)))
          await Promise.all(pages.map(allAnswered))
          assert.equal(counts.tokenRequests - tokenRequests, 1)
          assert.equal(counts.refused - refused, 0)
          assert.equal(counts.answered - answered, number * 20)
          await Promise.all(pages.map((page) => shows(page, 'token-requests', String(counts.tokenRequests))))
        }
      })
    }

    test('every tab shows who holds the claim, and the timeline of all', async () => {
      await using scene = await stage.scene()
      const [one, two, three] = await scene.signedIn(3)
      assert(one && two && three)
      const held = gate.hold('before')
      await expire(one)
      await press(two, 'Fire 20 calls')
      await held.arrived
      await shows(two, 'claim', 'This tab')
      await shows(one, 'claim', 'Tab 2')
      await press(three, 'Fire 20 calls')
      await tells(one, 'waits for tab 2')
      held.release()
      await Promise.all([allAnswered(two), allAnswered(three)])
      for (const page of [one, two, three]) {
        await shows(page, 'claim', 'Free')
        await tells(page, 'redeems the refresh token of generation 1')
        await tells(page, 'finds generation 2 in the store')
        await tells(page, '20 calls: 200')
      }
      // A tab that comes late, or has forgotten, is told by the others.
      const late = await scene.open()
      await tells(late, 'redeems the refresh token of generation 1')
      await two.reload()
      await tells(two, 'redeems the refresh token of generation 1')
      const entries = await late.getByRole('log').getByRole('listitem').count()
      assert.equal(await two.getByRole('log').getByRole('listitem').count(), entries, 'each event is there once')
    })

    test('signing out in one tab signs all of them out, also at the authorization server', async () => {
      await using scene = await stage.scene()
      const pages = await scene.signedIn(2)
      const [one, two] = pages
      assert(one && two)
      await press(one, 'Sign out')
      for (const page of pages) await page.getByRole('button', { name: 'Sign in' }).waitFor()
      await tells(two, 'has ended the tokens at the authorization server')
    })
  })

  describe('the tab that refreshes is closed', () => {
    test('before its request has arrived: another goes on, with one token request', async () => {
      await using scene = await stage.scene()
      const [holder, other] = await scene.signedIn(2)
      assert(holder && other)
      const { tokenRequests } = counts
      const held = gate.hold('before')
      await expire(holder)
      await press(holder, 'Fire 20 calls')
      await held.arrived
      await press(other, 'Fire 20 calls')
      await shows(other, 'claim', 'Tab 1')
      await holder.close()
      await held.abandoned
      held.release()
      await allAnswered(other)
      await tells(other, 'goes on for tab 1, which is gone')
      await shows(other, 'generation', '2')
      assert.equal(counts.tokenRequests - tokenRequests, 1)
    })

    test('with its answer, at a server without grace: the others say that only a sign-in helps, and it does', async () => {
      await using scene = await stage.scene()
      const [holder, ...others] = await scene.signedIn(3)
      assert(holder)
      const { tokenRequests, refused } = counts
      const held = gate.hold('after')
      await expire(holder)
      await press(holder, 'Fire 20 calls')
      await held.arrived
      await Promise.all(others.map((page) => press(page, 'Fire 20 calls')))
      await holder.close()
      held.release()
      for (const page of others) await page.getByRole('button', { name: 'Sign in again' }).waitFor()
      // One second presentation, the only way to learn that the first was received; not one for every tab or call.
      assert.equal(counts.tokenRequests - tokenRequests, 2)
      assert.equal(counts.refused - refused, 1)
      const [again, other] = others
      assert(again && other)
      await press(again, 'Sign in again')
      await again.getByRole('button', { name: 'Fire 20 calls' }).waitFor()
      await press(other, 'Fire 20 calls')
      await allAnswered(other)
    })
  })
}
