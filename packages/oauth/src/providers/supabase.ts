import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const supabase: ProviderProfile = {
  title: 'Supabase Auth',
  tokenEndpoint: 'https://{ref}.supabase.co/auth/v1/token?grant_type=refresh_token',
  placeholders: { ref: { example: 'abcdefghijklmnopqrst' } },
  request: { format: 'json', clientIdHeader: 'apikey' },
  rotation: 'always',
  // The parent of the active token is answered with the active one, at any time.
  spentToken: 'until-successor-used',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-11-23',
  confidence: 'vendor',
  sources: [
    'https://github.com/supabase/auth/blob/master/internal/tokens/service.go',
    'https://github.com/supabase/supabase-swift',
  ],
  note: 'clientId is the publishable (anon) key of the project, sent as apikey. Elsewhere: tokenEndpoint https://HOST/auth/v1/token?grant_type=refresh_token.',
}
