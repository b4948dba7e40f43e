import { evidence as anthropic } from './anthropic.ts'
import { evidence as atlassian } from './atlassian.ts'
import { evidence as auth0 } from './auth0.ts'
import { evidence as box } from './box.ts'
import { evidence as calendly } from './calendly.ts'
import { evidence as cognito } from './cognito.ts'
import { evidence as discord } from './discord.ts'
import { evidence as docusign } from './docusign.ts'
import { evidence as dropbox } from './dropbox.ts'
import { evidence as entra } from './entra.ts'
import { evidence as figma } from './figma.ts'
import { evidence as genesys } from './genesys.ts'
import { evidence as github } from './github.ts'
import { evidence as gitlab } from './gitlab.ts'
import { evidence as google } from './google.ts'
import { evidence as hubspot } from './hubspot.ts'
import { evidence as keycloak } from './keycloak.ts'
import { evidence as linear } from './linear.ts'
import { evidence as notion } from './notion.ts'
import { evidence as okta } from './okta.ts'
import { evidence as openai } from './openai.ts'
import type { ProviderEvidence } from './provider-evidence.ts'
import type { ProviderName } from './providers.ts'
import { evidence as quickbooks } from './quickbooks.ts'
import { evidence as salesforce } from './salesforce.ts'
import { evidence as servicenow } from './servicenow.ts'
import { evidence as shopify } from './shopify.ts'
import { evidence as slack } from './slack.ts'
import { evidence as spotify } from './spotify.ts'
import { evidence as square } from './square.ts'
import { evidence as supabase } from './supabase.ts'
import { evidence as twitch } from './twitch.ts'
import { evidence as xero } from './xero.ts'
import { evidence as zoho } from './zoho.ts'
import { evidence as zoom } from './zoom.ts'

/** The sources of every profile. Bundles that do not ask for it do not hold it. */
export const providerEvidence: Readonly<Record<ProviderName, ProviderEvidence>> = {
  anthropic,
  atlassian,
  auth0,
  box,
  calendly,
  cognito,
  discord,
  docusign,
  dropbox,
  entra,
  figma,
  genesys,
  github,
  gitlab,
  google,
  hubspot,
  keycloak,
  linear,
  notion,
  okta,
  openai,
  quickbooks,
  salesforce,
  servicenow,
  shopify,
  slack,
  spotify,
  square,
  supabase,
  twitch,
  xero,
  zoho,
  zoom,
}
