import type { Terminal } from '../terminal.ts'
import type { ServeOptions } from './command.ts'

export interface Place {
  issuer: string
  tokenEndpoint: string
  revocationEndpoint: string
  clientId: string
  api: string
  file: string
}

/** What a client needs to be told, and how to try it by hand, with no token on a command line. */
export function introduce(place: Place, options: ServeOptions, { paint }: Terminal): string {
  const rows: [string, string][] = [
    ['issuer', place.issuer],
    ['token endpoint', place.tokenEndpoint],
    ['revocation', place.revocationEndpoint],
    ['client id', `${place.clientId}, a public client`],
    ['API', `${place.api}/anything`],
    ['first tokens', place.file],
    ['rules', rules(options)],
  ]
  return [
    ...rows.map(([label, text]) => `${paint('dim', label.padEnd(15))} ${text}`),
    '',
    paint('bold', 'By hand:'),
    `  tokenflight token --file ${place.file} --issuer ${place.issuer} --client-id ${place.clientId} --header \\`,
    `    | curl --header @- ${place.api}/things`,
    paint('bold', 'A refresh without tokenflight, which spends the refresh token:'),
    `  sed -n 's/.*"refresh_token": "\\(.*\\)".*/\\1/p' ${place.file} | tr -d '\\n' \\`,
    `    | curl ${place.tokenEndpoint} -d grant_type=refresh_token -d client_id=${place.clientId} --data-urlencode refresh_token@-`,
    '',
    `More on command, for scripts: POST ${place.issuer}/_simulator/sign-in, /expire, /script, ... Ctrl-C ends it.`,
    '',
  ].join('\n')
}

function rules({ expiresIn, grace, rotate, strict }: ServeOptions): string {
  const spent = !rotate
    ? 'refresh tokens stay good'
    : `refresh tokens rotate; a spent one ${grace > 0 ? `is answered for ${grace / 1000} s, then ` : ''}${strict ? 'revokes the login' : 'is refused'}`
  return `access tokens live ${expiresIn} s; ${spent}`
}
