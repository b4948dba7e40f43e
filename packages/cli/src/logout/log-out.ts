import { createTokenManager, type Revoke } from '@tokenflight/core'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import type { Command } from 'commander'
import { failureOf } from '../failure.ts'
import { clientOptions, located } from '../settings/client.ts'
import { readClientSecret } from '../settings/client-secret.ts'
import { missing } from '../settings/missing.ts'
import { checkReach } from '../settings/reach.ts'
import { resolveSettings, type Settings } from '../settings/resolve.ts'

/** @throws CommandError, TokenError */
export async function logOut(command: Command, { local }: { local?: true }): Promise<void> {
  const settings = await resolveSettings(command)
  const { file, pointer, key = 'default' } = settings.values
  if (file === undefined) throw missing('file')
  await checkReach(settings, process.env)
  const store = fileStore(file, pointer === undefined ? {} : { pointer })
  try {
    if ((await store.read(key)).record?.tokens === undefined) return void process.stdout.write('Nobody is signed in.\n')
    // Before anything is removed: what is wrong with the settings is told first.
    const { grant, revoke } = await endAtServer(settings, local === true)
    const manager = createTokenManager({ store, key, grant, revoke })
    try {
      await manager.clearTokens()
    } finally {
      await manager.close()
    }
    process.stdout.write(
      local
        ? 'Signed out here. The tokens stay good until they expire.\n'
        : 'Signed out, here and at the authorization server.\n',
    )
  } catch (error) {
    throw failureOf(error, file) ?? error
  } finally {
    await store.close()
  }
}

async function endAtServer(settings: Settings, local: boolean) {
  // It is never asked: nothing is refreshed here.
  const grant = refreshTokenGrant({ tokenEndpoint: 'https://unused.invalid/', clientId: 'unused' })
  if (local) return { grant, revoke: undefined }
  const { issuer, revocationEndpoint } = settings.values
  if (issuer === undefined && revocationEndpoint === undefined)
    throw missing('revocationEndpoint', ', --issuer or --local')
  const options = clientOptions(settings, await readClientSecret(settings, process.env))
  try {
    const given = revocationEndpoint === undefined ? {} : { revocationEndpoint }
    const revoke: Revoke = revocation({ ...options, ...given })
    return { grant, revoke }
  } catch (error) {
    throw located(error, settings)
  }
}
