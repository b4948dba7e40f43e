import { expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { measureSpread } from './spread.ts'

test.skipIf(noBrowser)(
  'what `npm run tabs` prints: one request of an expiry, and how long everybody waited',
  async () => {
    const rows = await measureSpread({ tabs: 2, callers: 3, expiries: 2 })
    expect(rows.map(({ id }) => id)).toEqual(['tabs.requests', 'tabs.wait', 'tabs.last', 'tabs.slowest'])
    expect(rows[0]).toMatchObject({ median: 1, met: true })
    for (const { median } of rows) expect(median).toBeLessThan(60_000)
  },
)
