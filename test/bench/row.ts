/** One measured thing. A ratio is always of two things measured in turns, in the same run, on the same machine. */
export interface Row {
  id: string
  what: string
  unit: string
  median: number
  p10: number
  p90: number
  /** What it was measured against. */
  ratioTo?: string
  /** Median of that. */
  base?: number
  ratio?: number
  /** The most that is allowed, of the ratio or of the median. */
  goal?: number
  goalOf?: 'ratio' | 'median'
  met?: boolean
  /** Where the goal is missed: what stands in its way. */
  why?: string
}

export interface Goal {
  goal: number
  goalOf: 'ratio' | 'median'
  /** What would stand in its way; told only where it is missed. */
  otherwise?: string
}

/** A row from its samples; with `pairs`, the ratio is the median of the ratios of neighbours, so that what disturbs both disturbs neither. */
export function createRow(
  head: Pick<Row, 'id' | 'what' | 'unit'>,
  samples: readonly number[],
  { ratioTo, base, goal }: { ratioTo?: string; base?: readonly number[]; goal?: Goal } = {},
): Row {
  const row: Row = {
    ...head,
    median: rounded(quantile(samples, 0.5)),
    p10: rounded(quantile(samples, 0.1)),
    p90: rounded(quantile(samples, 0.9)),
  }
  if (ratioTo !== undefined && base !== undefined) {
    row.ratioTo = ratioTo
    row.base = rounded(quantile(base, 0.5))
    row.ratio = rounded(
      quantile(
        samples.map((sample, n) => sample / (base[n] ?? Number.NaN)),
        0.5,
      ),
      4,
    )
  }
  if (goal !== undefined) {
    const value = goal.goalOf === 'ratio' ? row.ratio : row.median
    row.goal = goal.goal
    row.goalOf = goal.goalOf
    row.met = value !== undefined && value <= goal.goal
    if (!row.met && goal.otherwise !== undefined) row.why = goal.otherwise
  }
  return row
}

/** Between the neighbours where it falls between two samples. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits))
}

/** For people: aligned, one row a line. */
export function formatRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.id,
    `${row.median} ${row.unit}`,
    `${row.p10} .. ${row.p90}`,
    row.ratio === undefined ? '' : `${row.ratio} x ${row.ratioTo}`,
    row.goal === undefined ? '' : `${row.goalOf} <= ${row.goal}: ${row.met ? 'met' : 'MISSED'}`,
    row.what,
  ])
  const table = [['row', 'median', 'p10 .. p90', 'ratio', 'goal', 'what'], ...cells]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? []
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
