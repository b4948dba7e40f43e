import { candidates, fields } from './error-code.ts'
import type { Meaning } from './error-codes.ts'
import type { ErrorRow, ProviderProfile } from './providers/provider-profile.ts'

/** What an error answer means at this provider: the first of its rows that fits. */
export function providerMeaning(
  provider: ProviderProfile | undefined,
  status: number,
  body: unknown,
): { means: Meaning; code?: string } | undefined {
  if (provider?.errors === undefined) return undefined
  const codes = new Set(
    candidates(body)
      .filter(isPlain)
      .map((code) => String(code).toLowerCase()),
  )
  const { message, error_description: description } = fields(body)
  const fits = (row: ErrorRow) =>
    (row.status === undefined || row.status === status) &&
    (row.code === undefined || codes.has(row.code.toLowerCase())) &&
    (row.message === undefined || row.message === message || row.message === description)
  const row = provider.errors.find(fits)
  if (row === undefined) return undefined
  return row.code === undefined ? { means: row.means } : { means: row.means, code: row.code }
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' ? value.length <= 64 : typeof value === 'number'
}
