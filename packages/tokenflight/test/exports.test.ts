import { readFile } from 'node:fs/promises'
import * as core from '@tokenflight/core'
import * as fetchAdapter from '@tokenflight/fetch'
import * as oauth from '@tokenflight/oauth'
import * as storeFile from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import * as full from '../src/index.ts'
import * as portable from '../src/portable.ts'

/** All names that an entry exports, types too: they leave no trace at run time. */
async function namesOf(entry: string): Promise<string[]> {
  const source = await readFile(new URL(`../src/${entry}`, import.meta.url), 'utf8')
  const lists = [...source.matchAll(/export \{([^}]*)\}/g)].map(([, list = '']) => list.split(','))
  return lists
    .flat()
    .map((name) => name.trim())
    .filter(Boolean)
    .sort()
}

describe('the front door', () => {
  test('one install gives what an application needs', () => {
    const names = [
      'createTokenManager',
      'createTokenManagers',
      'fileStore',
      'memoryStore',
      'refreshTokenGrant',
      'clientCredentialsGrant',
      'createDpop',
      'encryptedStore',
      'generateDpopKey',
      'providerEvidence',
      'providers',
      'rejectionOf',
      'revocation',
      'withBearer',
      'installBearer',
      'TokenError',
      'isTokenError',
      'keepFresh',
      'forResource',
      'forScope',
      'defineRevoke',
      'findTokenError',
      'eventLog',
      'consoleLog',
      'tellEach',
      'defineGrant',
      'GrantError',
    ]
    expect(Object.keys(full).sort()).toEqual(names.sort())
  })

  test('what it gives is what the packages give', () => {
    const origin: Record<string, unknown> = { ...core, ...oauth, ...storeFile, ...fetchAdapter }
    for (const [name, value] of Object.entries(full)) expect(value, name).toBe(origin[name])
  })

  test('the portable entry is the same without the credential file, types included', async () => {
    const everywhere = (await namesOf('index.ts')).filter((name) => !/fileStore/i.test(name))
    expect(await namesOf('portable.ts')).toEqual(everywhere)
    expect(Object.keys(portable).sort()).toEqual(
      Object.keys(full)
        .filter((name) => name !== 'fileStore')
        .sort(),
    )
  })
})
