import { thisTab } from './tab.ts'
import { type Entry, tabNamed } from './timeline.ts'
import type { Credential } from './use-credential.ts'

interface TabStripProps {
  credential: Credential
  tabs: readonly number[]
  timeline: readonly Entry[]
}

/** All open tabs of this page, and what each is up to. */
export function TabStrip({ credential, tabs, timeline }: TabStripProps) {
  const holder = 'holder' in credential && credential.holder !== undefined ? tabNamed(credential.holder) : undefined
  const claimed = 'holder' in credential && credential.holder !== undefined
  const doing = (tab: number): 'refreshing' | 'waiting' | 'idle' => {
    if (tab === holder) return 'refreshing'
    return claimed && timeline.find((entry) => entry.tab === tab)?.what.type === 'waiting' ? 'waiting' : 'idle'
  }
  return (
    <section aria-labelledby="tabs-title" className="tabs">
      <h2 id="tabs-title">Open tabs</h2>
      <ul>
        {tabs.map((tab) => (
          <li key={tab} className={doing(tab)} aria-current={tab === thisTab ? 'true' : undefined}>
            <span className="unseen">Tab </span>
            <b>{tab}</b>
            <span>{doing(tab)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
