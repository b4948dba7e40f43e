/** One horizontal bar, and the most that it should be. */
export interface Bar {
  label: string
  value: number
  goal?: number | undefined
}

export interface Chart {
  title: string
  unit: string
  bars: readonly Bar[]
}

export type Theme = 'light' | 'dark'

const colors: Record<Theme, { text: string; quiet: string; bar: string; missed: string; goal: string }> = {
  light: { text: '#1f2328', quiet: '#59636e', bar: '#0969da', missed: '#bc4c00', goal: '#1f2328' },
  dark: { text: '#f0f6fc', quiet: '#9198a1', bar: '#4493f8', missed: '#db6d28', goal: '#f0f6fc' },
}

const width = 760
const labels = 250
const values = 110
const row = 26
const head = 44

/** An SVG of its own, on no background: blue within the goal, which is a line, orange beyond it. */
export function drawChart({ title, unit, bars }: Chart, theme: Theme): string {
  const { text, quiet, bar, missed, goal } = colors[theme]
  const longest = Math.max(...bars.map(({ value, goal = 0 }) => Math.max(value, goal)), Number.MIN_VALUE)
  const room = width - labels - values
  const scale = (value: number) => Math.max(1, Math.round((Math.max(0, value) / longest) * room * 10) / 10)
  const height = head + bars.length * row + 8
  const lines = bars.flatMap(({ label, value, goal: most }, n) => {
    const y = head + n * row
    const end = labels + Math.max(scale(value), most === undefined ? 0 : scale(most))
    return [
      `<text x="${labels - 10}" y="${y + 16}" fill="${text}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${labels}" y="${y + 3}" width="${scale(value)}" height="18" rx="2" fill="${most !== undefined && value > most ? missed : bar}"/>`,
      ...(most === undefined
        ? []
        : [`<rect x="${labels + scale(most) - 1}" y="${y}" width="2" height="24" fill="${goal}"/>`]),
      `<text x="${end + 8}" y="${y + 16}" fill="${quiet}">${escapeXml(formatNumber(value))}</text>`,
    ]
  })
  const font = 'font-family="system-ui, sans-serif" font-size="13"'
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${font}>`,
    `<title>${escapeXml(title)}</title>`,
    `<text x="0" y="18" fill="${text}" font-size="15" font-weight="600">${escapeXml(title)}</text>`,
    `<text x="0" y="35" fill="${quiet}" font-size="12">${escapeXml(unit)}</text>`,
    ...lines,
    '</svg>',
  ].join('\n')}\n`
}

export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: value >= 1_000 ? 4 : 3 })
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
