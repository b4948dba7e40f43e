import { describe, expect, test } from 'vitest'
import { redact } from '../src/diagnose/redact.ts'

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'
const opaque = 'v1.MRrtFcAn3ryQx2_8bZkLpOe7TgYhUj'
const short = 'hunter2!'

describe('P1: what is a secret is not shown', () => {
  test.each([
    [`Authorization: Bearer ${jwt}`, jwt],
    [`{"headers":{"authorization":"Bearer ${opaque}"}}`, opaque],
    [`authorization: Basic YWNtZTpodW50ZXIy`, 'YWNtZTpodW50ZXIy'],
    [`Authorization: DPoP ${opaque}`, opaque],
    [`curl -H 'Authorization: token ${opaque}'`, opaque],
    [`{"access_token":"abc","refresh_token":"${short}"}`, short],
    [`{\\"refresh_token\\":\\"${short}\\"}`, short],
    [`refresh_token=${short}&grant_type=refresh_token`, short],
    [`refreshToken: '${short}'`, short],
    [`{ refresh_token: '${short}' }`, short],
    [`body=grant_type%3Drefresh_token%26refresh_token%3D${opaque}`, opaque],
    [`new_access_token="${short}"`, short],
    [`client_secret=${short}`, short],
    [`clientSecret => ${short}`, short],
    [`GET /callback?code=4/0AX4XfWh&state=x HTTP/1.1`, '4/0AX4XfWh'],
    [`code_verifier=${short}`, short],
    [`client_assertion=${jwt}`, jwt],
    [`Cookie: session=${short}; theme=dark`, short],
    [`{"set-cookie":"sid=${short}; Path=/"}`, short],
    [`https://ada:${short}@login.example.com/token`, short],
    [`password: ${short}`, short],
    [`"apiKey":"${short}"`, short],
    [`got ${opaque} from the store`, opaque],
    [`1//0gabcDEF123-ghiJKL456mnoPQR789stuVWX is stale`, '0gabcDEF123-ghiJKL456mnoPQR789stuVWX'],
    [`token 6f1ed002ab5595859014ebf0951522d9 refused`, '6f1ed002ab5595859014ebf0951522d9'],
    [`refresh_token 0f0e2a1c-55aa-4c12-9a10-aa00bb11cc22`, '0f0e2a1c-55aa-4c12-9a10-aa00bb11cc22'],
    [`value AbCdEfGhIjKlMnOpQrStUvWxYz here`, 'AbCdEfGhIjKlMnOpQrStUvWxYz'],
    [`headers: { authorization: [ '${short}' ] }`, short],
    [`refresh_token=["${short}"]`, short],
    [`"cookie":["sid=${short}","b=${short}"]`, short],
    [`Set-Cookie: __Host-s="${short}"; Path=/`, short],
    [`{"cookie":"a=\\"${short}\\"; b=c","user":"u1"}`, short],
    [`{"name":"refresh_token","value":"${short}"}`, short],
    [`<refresh_token>${short}</refresh_token>`, short],
    [`password="correct horse ${short}"`, short],
    [`{"refresh_token":"ab\\"${short}"}`, short],
    [`passphrase=${short}`, short],
    [`password=letmein`, 'letmein'],
    [`{"client_secret":"my-dev-secret"}`, 'my-dev-secret'],
    [`refresh_token=1234`, '1234'],
    [`invalid_grant for refresh token hunter2abc`, 'hunter2abc'],
    [`token 'hunter2abc' rejected`, 'hunter2abc'],
    [`password is hunter2abc`, 'hunter2abc'],
    [`curl -u app:${short} https://login.example.com/token`, short],
    [`ghp_abcdefghijklmnopqrstuvwxyz0123456789`, 'ghp_abcdefghijklmnop'],
    [`rt=hunter2abc user=ada`, 'hunter2abc'],
    [`{"rt":"${short}"}`, short],
    [`pin=4829 user=ada`, '4829'],
    [`PIN: 482911`, '482911'],
    [`{"user_pin":"4829"}`, '4829'],
    [`pincode=482911`, '482911'],
    [`otp=482911`, '482911'],
    [`otp: 4829`, '4829'],
    [`totp=482911`, '482911'],
    [`mfa=482911`, '482911'],
    [`ott=hunter2abc`, 'hunter2abc'],
    [`pass=${short}`, short],
    [`pw=letmein`, 'letmein'],
    [`cvv=123`, '123'],
    [`aws_secret_access_key=${short}`, short],
    [`signing-key: ${short}`, short],
    [`newRefreshToken: '${short}'`, short],
    [`{"oldPassword":"letmein"}`, 'letmein'],
    [`loginOtp=4829`, '4829'],
    [`xoxb-123456789012-123456789012-abcDEF`, 'xoxb-123456789012'],
  ])('in %j', (line, secret) => {
    expect(redact(line)).not.toContain(secret)
    expect(redact(line)).toContain('[redacted]')
  })

  test('what tells lines apart stays', () => {
    const line =
      '2026-11-29T14:22:01.123Z ERROR [worker-12] POST /realms/acme/protocol/openid-connect/token 400 user=ada@example.com requestId=2f1c9c1e-55aa-4c12-9a10-aa00bb11cc22 error=invalid_grant error_description="Maximum allowed refresh token reuse exceeded" code=refresh_token_already_used at /srv/app/node_modules/acme-oauth/lib/refresh.js:44:12'
    expect(redact(line)).toBe(line)
  })

  test('an error code that stands under the name of a secret stays', () => {
    for (const line of [
      '"code":"refresh_token_reused"',
      'code=ECONNREFUSED',
      'token expired',
      'code: 401',
      'refresh_token: null',
      '{"password":null,"user":"u1"}',
      'invalid refresh token for user42, password reset',
      "Refreshing access token for principal 'svc-crm2'",
      'POST /oauth/token 400 rt=0.123 uct=0.001 urt=0.120',
      'rt=12ms upstream_rt=- pin=missing',
      'ping=12 spin=fast chart=abc shortcut=abc',
      'hasPassword=true isRefreshToken=false',
    ])
      expect(redact(line)).toBe(line)
  })

  test('what would act on a terminal is gone', () => {
    expect(redact('user \u001b[31mred\u001b[0m \u001b]0;title\u0007 \u202Eevil\r\n\u009b1A')).not.toMatch(
      /[\p{Cc}\p{Cf}]/u,
    )
  })
})
