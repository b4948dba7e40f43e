/** Where a line is: what evidence points at. */
export interface Place {
  /** As it was named on the command line; `-` is stdin. */
  file: string
  /** From 1. */
  line: number
}

/** One line (or HAR exchange) that may matter, taken apart. */
export interface Entry extends Place {
  /** The message without what a container or the journal wrote around it; several lines where it went on below. */
  text: string
  /** Epoch milliseconds of its end. Without a time of its own: that of the line it belongs to. */
  at?: number
  /** Names in lower case without punctuation (`client_id` and `clientId` are `clientid`), the outermost of equal names. */
  fields: ReadonlyMap<string, string>
}

/** How names are compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
