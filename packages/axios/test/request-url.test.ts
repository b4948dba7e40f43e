import { describe, expect, it } from 'vitest'
import { requestUrl } from '../src/request-url.ts'
import { versions } from './kit.ts'

const bases = [
  ...['', '/', '//', '/v1', '/v1/', '?x=', '#x', '\\', ':443', ' ', '\n', '.', '/v1?x', '@evil.example'].map(
    (end) => `https://api.example.com${end}`,
  ),
  'HTTPS://api.example.com',
  ' https://api.example.com',
  'https:///api.example.com',
  'https://user:pw@api.example.com/v1',
  'https://',
  '/api',
]
const urls = [
  '/',
  '/x',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
]
const more = ['/../x', '/@evil.example', '/?a', '/x#y', '/;//evil', '', '?x', 'x', '@evil.example', '.evil.example']

describe.each(versions)('A1 where a request goes, $version', ({ axios }) => {
  it.each([...urls, ...more])('is what axios itself makes of it: %j', (url) => {
    const read = (text: string | undefined) => (text && URL.canParse(text) ? new URL(text).href : undefined)
    for (const baseURL of bases)
      expect([baseURL, read(requestUrl({ baseURL, url }))]).toEqual([
        baseURL,
        read(axios.create().getUri({ baseURL, url })),
      ])
  })
})
