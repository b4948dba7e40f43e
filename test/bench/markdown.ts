import { type Bar, type Chart, drawChart, formatNumber, type Theme } from './chart.ts'
import type { Row } from './row.ts'

interface Section {
  title: string
  /** Beginnings of the ids of its rows. */
  ids: string
  text: string
  chart?: { name: string; title: string; unit: string; bars(rows: readonly Row[]): Bar[] }
}

const ratioOf = ({ ratio = Number.NaN, goal, goalOf }: Row, label: string): Bar => ({
  ...{ label, value: ratio, goal: goalOf === 'ratio' ? goal : undefined },
})

const sections: readonly Section[] = [
  {
    title: 'A request whose token is valid',
    ids: 'hot.',
    text: 'Processor time of the process that sends, against the same client with the header set by hand, in turns; the API is another process. And the call alone that every request makes.',
    chart: {
      name: 'hot',
      title: 'Processor time of a request through withBearer',
      unit: 'times that of the bare client; the line is the goal',
      bars: (rows) =>
        rows
          .filter(({ id }) => /\.(get|post)$/.test(id))
          .map((row) => {
            const [, client = '', method = ''] = row.id.split('.')
            return ratioOf(row, `${client}, ${method.toUpperCase()}`)
          }),
    },
  },
  {
    title: 'Callers in one process',
    ids: 'storm.',
    text: 'All of them find the one token refused. A token request takes 50 ms. Who brings an AbortSignal waits with a promise and a listener of its own: these two alone take Node 24 some 2 us and 500 bytes, to make and to take away again.',
    chart: {
      name: 'storm',
      title: 'Until the last caller has the new token',
      unit: 'times one token request; the line is the goal',
      bars: (rows) =>
        rows
          .filter(({ id }) => /^storm\.\d+$/.test(id))
          .map((row) => ratioOf(row, `${Number(row.id.split('.')[1]).toLocaleString('en')} callers`)),
    },
  },
  {
    title: 'Processes',
    ids: 'processes.',
    text: 'They share one credential, and all of their callers find the token refused at the same moment. A token request takes 50 ms; the one that all is compared with is made by the same processes in turns. PostgreSQL syncs what it acknowledges, Redis keeps it in memory. More processes than cores wait for each other, whatever they do.',
    chart: {
      name: 'processes',
      title: 'What sharing adds to one token request',
      unit: 'milliseconds; the line is the goal for eight processes',
      bars: (rows) =>
        rows
          .filter(({ id }) => id.endsWith('.over'))
          .map(({ id, median, goal }) => {
            const [, kind = '', size = ''] = id.split('.')
            return { label: `${kind}, ${size} processes`, value: median, goal }
          }),
    },
  },
  { title: 'Stores', ids: 'store.', text: 'Each against the same thing done bare with what it is made of, in turns.' },
  { title: 'Many credentials in one process', ids: 'keys.', text: 'Tokens of 40 characters.' },
  {
    title: 'Refused tokens',
    ids: 'refusals.',
    text: 'Fifty callers at once on an API that refuses every token a second after it first saw it, though it was said to last an hour.',
  },
  {
    title: 'Others at the same work',
    ids: 'peers.',
    text: 'In turns, in one run. The ratio is ours to theirs: below 1 we are faster. What is not here, others do not do: no adapter for got or ky, no refresh shared by processes on Redis or PostgreSQL. In a storm of requests that are answered 401 axios-auth-refresh lets most of them fail ([the same cases for other libraries](peers.md)), so that there is no time to compare.',
    chart: {
      name: 'peers',
      title: 'tokenflight against others at the same work',
      unit: 'times their cost; the line is theirs',
      bars: (rows) =>
        rows.map((row) => {
          const [, kind = '', ...name] = row.id.split('.')
          return ratioOf(row, `${kind}: ${name.join('.')}`)
        }),
    },
  },
  {
    title: 'Start-up',
    ids: 'start.',
    text: 'Import time in a process that has imported nothing else of ours, and size.',
  },
  { title: 'A fleet', ids: 'fleet.', text: 'Processes x threads x callers on one credential.' },
]

export interface Machine {
  cpu: string
  cores: number
  platform: string
  node: string
  load: number
}

/** The page about a run, and the files of its charts by name. */
export function toMarkdown(rows: readonly Row[], machine: Machine): { page: string; charts: Map<string, string> } {
  const charts = new Map<string, string>()
  const drawn = sections.flatMap(({ title, ids, text, chart }) => {
    const ours = rows.filter(({ id }) => id.startsWith(ids))
    if (ours.length === 0) return []
    const bars = chart?.bars(ours) ?? []
    const picture = chart !== undefined && bars.length > 0 ? addChart(charts, chart.name, { ...chart, bars }) : []
    return [`## ${title}`, '', text, '', ...picture, ...table(ours), '']
  })
  const goals = rows.filter(({ goal }) => goal !== undefined)
  const missed = goals.filter(({ met }) => met !== true)
  const { cpu, cores, platform, node, load } = machine
  const page = [
    '# What it costs',
    '',
    `${cpu}, ${cores} cores, ${platform}, Node ${node}; the load before the run was ${load}. Medians; a ratio is the median of the`,
    'ratios of neighbours that were measured in turns in the same run, so that a slow machine changes it little.',
    '',
    `${goals.length - missed.length} of ${goals.length} goals are met${missed.length === 0 ? '.' : ', these are missed:'}`,
    '',
    ...(missed.length === 0 ? [] : [...table(missed, true), '']),
    ...drawn,
    '## Run it again',
    '',
    '```sh',
    'npm run bench                          # six minutes or so, on a machine that does nothing else',
    'npm run bench -- --quick               # a glance',
    'npm run bench -- --only storm          # rows whose name begins like that',
    'npm run bench -- --json                # for programs',
    'npm run bench -- --markdown            # writes this page and its charts',
    '```',
  ]
  return { page: `${page.join('\n')}\n`, charts }
}

function addChart(charts: Map<string, string>, name: string, chart: Chart): string[] {
  for (const theme of ['light', 'dark'] satisfies Theme[]) charts.set(`${name}-${theme}.svg`, drawChart(chart, theme))
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="bench/${name}-dark.svg">`,
    `  <img alt="${chart.title}, ${chart.unit}" src="bench/${name}-light.svg">`,
    '</picture>',
    '',
  ]
}

function table(rows: readonly Row[], reasons = false): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    line(['', 'what', 'median', 'p10 to p90', 'ratio', 'goal']),
    line(['---', '---', '--:', '--:', '---', '---']),
    ...rows.map(({ id, what, unit, median, p10, p90, ratio, ratioTo, goal, goalOf, met, why }) =>
      line([
        `\`${id}\``,
        what,
        `${formatNumber(median)} ${unit}`,
        p10 === p90 ? '' : `${formatNumber(p10)} to ${formatNumber(p90)}`,
        ratio === undefined ? '' : `${formatNumber(ratio)} x ${ratioTo}`,
        goal === undefined
          ? ''
          : `${goalOf} at most ${formatNumber(goal)}: ${met === true ? 'met' : '**missed**'}${reasons && why !== undefined ? `; ${why}` : ''}`,
      ]),
    ),
  ]
}
