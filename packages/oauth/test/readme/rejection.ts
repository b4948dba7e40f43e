import { rejectionOf, type TokenSource, withBearer } from 'tokenflight'

declare const tokens: TokenSource

export const api = withBearer(fetch, tokens, { origins: 'https://slack.com', isRejected: rejectionOf('slack') })
