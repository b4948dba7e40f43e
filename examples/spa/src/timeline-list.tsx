import { sentence, tone } from './sentence.ts'
import { thisTab } from './tab.ts'
import type { Entry } from './timeline.ts'

/** What happens in all tabs, newest first. A log to screen readers: they say what comes. */
export function TimelineList({ timeline }: { timeline: readonly Entry[] }) {
  return (
    <section aria-labelledby="timeline-title" className="timeline">
      <h2 id="timeline-title">Timeline of all tabs</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div role="log" aria-labelledby="timeline-title" tabIndex={0}>
        {timeline.length === 0 && <p className="empty">Nothing yet. Sign in, then fire some calls.</p>}
        <ol>
          {timeline.map(({ id, tab, at, what }) => (
            <li key={id} className={tone(what)}>
              <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
              <span className={tab === thisTab ? 'from own' : 'from'}>
                <span className="unseen">Tab </span>
                {tab}
              </span>
              <span>{sentence(what)}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}

function clock(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
