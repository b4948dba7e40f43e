const longest = 24 * 60 * 60 * 1000

/**
 * Milliseconds to wait by a Retry-After header (RFC 9110 section 10.2.3): seconds or a date, at least 0 and at most a day.
 * Undefined where the header is absent or is neither.
 *
 * @param date The answer's own Date header: a date counts from there, so that a clock that is wrong on our side does not matter.
 * @param now Epoch milliseconds, where the answer has no Date.
 */
export function parseRetryAfter(value: string | null, date: string | null, now: number): number | undefined {
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longest)
  const at = parseHttpDate(value)
  if (at === undefined) return undefined
  const from = (date === null ? undefined : parseHttpDate(date)) ?? now
  return Math.min(Math.max(0, at - from), longest)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const time = '(?<hours>\\d\\d):(?<minutes>\\d\\d):(?<seconds>\\d\\d)'
// RFC 9110 section 5.6.7: the one form to send, and the two obsolete ones that are still to be understood. Date.parse takes far
// more than these ("3.5" is a day in March) and reads the last one as local time.
const forms = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
]

/** Epoch milliseconds; undefined for what is no date of HTTP (RFC 9110 section 5.6.7). */
export function parseHttpDate(text: string): number | undefined {
  for (const form of forms) {
    const part = form.exec(text)?.groups
    if (part === undefined) continue
    const month = months.indexOf(part['month'] ?? '')
    if (month === -1) return undefined
    const number = (name: string) => Number(part[name])
    // A date to wait for is not in the last century.
    const year = number('year') < 100 ? 2000 + number('year') : number('year')
    return Date.UTC(year, month, number('day'), number('hours'), number('minutes'), number('seconds'))
  }
  return undefined
}
