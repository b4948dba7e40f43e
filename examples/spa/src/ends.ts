import type { End } from './demo.ts'

/** The last twenty calls of this tab; undefined: not made, `waiting`: on its way. */
export type Board = Record<'axios' | 'ky', readonly (End | undefined)[]>

export function emptyBoard(end?: End): Board {
  const row = Array.from({ length: 10 }, () => end)
  return { axios: row, ky: row }
}

export const withEnd = (board: Board, client: 'axios' | 'ky', index: number, end: End): Board => ({
  ...board,
  [client]: board[client].with(index, end),
})

/** `10 of 10 answered 200`, or whatever else there is to say. */
export function summary(row: readonly (End | undefined)[]): string {
  const made = row.filter((end) => end !== undefined)
  if (made.length === 0) return 'no calls yet'
  const waiting = made.filter((end) => end === 'waiting').length
  const answered = made.filter((end) => end === '200').length
  const others = new Set(made.filter((end) => end !== 'waiting' && end !== '200'))
  const text = `${answered} of ${made.length} answered 200`
  if (others.size > 0) return `${text}, others: ${[...others].join(', ')}`
  return waiting > 0 ? `${text}, ${waiting} waiting` : text
}
