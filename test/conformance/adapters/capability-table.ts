import { type AdapterFixture, type Capability, capabilities } from './fixtures/index.ts'

/** In Markdown: a column for each client, a row for each capability, and below it a reason for every "no". */
export function capabilityTable(fixtures: readonly AdapterFixture[]): string {
  const reasons = new Map<string, number>()
  const cell = (fixture: AdapterFixture, capability: Capability): string => {
    const reason = fixture.limits[capability]
    if (reason === undefined) return 'yes'
    const number = reasons.get(reason) ?? reasons.size + 1
    reasons.set(reason, number)
    return `no (${number})`
  }
  const rows = capabilities.map((capability) => [capability, ...fixtures.map((fixture) => cell(fixture, capability))])
  const always = ['every behaviour over http and https', ...fixtures.map(() => 'yes')]
  const head = ['', ...fixtures.map(({ name }) => name)]
  const lines = [head, head.map(() => '---'), always, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const notes = [...reasons].map(([reason, number]) => `${number}. ${reason}`)
  return [...lines, '', ...notes].join('\n')
}
