import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderProfile } from './provider-profile.ts'

export const servicenow: ProviderProfile = {
  title: 'ServiceNow',
  tokenEndpoint: 'https://{instance}.service-now.com/oauth_token.do',
  placeholders: { instance: { example: 'acme' } },
  clientAuthentication: 'client_secret_post',
  rotation: 'never',
  spentToken: 'valid',
}

export const evidence: ProviderEvidence = {
  verifiedOn: '2026-09',
  confidence: 'vendor',
  sources: [
    'https://docs.servicenow.com/csh?topicname=r_OAuthAPIRequestParameters',
    'https://support.servicenow.com/kb?id=kb_article_view&sysparm_article=KB0791140',
  ],
  note: 'A refresh before the end of an access token brings that very token again.',
}
