import { htmlEscape } from 'escape-goat'

/** Markup that needs no escaping any more: only {@link html} makes it. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

export type Content = Html | string | number | undefined | readonly Content[]

/** A template whose values are escaped, unless they are themselves templates (or lists of them). `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(
    strings.reduce((markup, string, index) => `${markup}${index > 0 ? escaped(values[index - 1]) : ''}${string}`, ''),
  )
}

function escaped(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Html) return content.markup
  if (typeof content === 'object') return content.map(escaped).join('')
  return htmlEscape(String(content))
}
