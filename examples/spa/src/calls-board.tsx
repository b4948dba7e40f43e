import type { End } from './demo.ts'
import { type Board, summary } from './ends.ts'

/** How the last twenty calls of this tab ended. */
export function CallsBoard({ board }: { board: Board }) {
  return (
    <section aria-labelledby="calls-title" className="calls">
      <h2 id="calls-title">Last calls of this tab</h2>
      <div role="status">
        {(['axios', 'ky'] as const).map((client) => (
          <p key={client}>
            <b>{client}</b>
            <span className="dots" aria-hidden="true">
              {board[client].map((end, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a call is known by its place
                <i key={index} className={look(end)} />
              ))}
            </span>
            <span className="summary">{summary(board[client])}</span>
          </p>
        ))}
      </div>
    </section>
  )
}

function look(end: End | undefined): string {
  if (end === undefined || end === 'waiting') return end ?? 'none'
  return end === '200' ? 'good' : 'bad'
}
