import { anthropic } from './anthropic.ts'
import { atlassian } from './atlassian.ts'
import { auth0 } from './auth0.ts'
import { box } from './box.ts'
import { calendly } from './calendly.ts'
import { cognito } from './cognito.ts'
import { discord } from './discord.ts'
import { docusign } from './docusign.ts'
import { dropbox } from './dropbox.ts'
import { entra } from './entra.ts'
import { figma } from './figma.ts'
import { genesys } from './genesys.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { google } from './google.ts'
import { hubspot } from './hubspot.ts'
import { keycloak } from './keycloak.ts'
import { linear } from './linear.ts'
import { notion } from './notion.ts'
import { okta } from './okta.ts'
import { openai } from './openai.ts'
import type { ProviderProfile } from './provider-profile.ts'
import { quickbooks } from './quickbooks.ts'
import { salesforce } from './salesforce.ts'
import { servicenow } from './servicenow.ts'
import { shopify } from './shopify.ts'
import { slack } from './slack.ts'
import { spotify } from './spotify.ts'
import { square } from './square.ts'
import { supabase } from './supabase.ts'
import { twitch } from './twitch.ts'
import { xero } from './xero.ts'
import { zoho } from './zoho.ts'
import { zoom } from './zoom.ts'

/** Every provider by its name, and the options without which its endpoint is not known. */
export interface RequiredPlaceholders {
  anthropic: never
  atlassian: never
  auth0: 'domain'
  box: never
  calendly: never
  cognito: 'domain'
  discord: never
  docusign: never
  dropbox: never
  entra: 'tenant'
  figma: never
  genesys: 'region'
  github: never
  gitlab: never
  google: never
  hubspot: never
  keycloak: 'host' | 'realm'
  linear: never
  notion: never
  okta: 'domain'
  openai: never
  quickbooks: never
  salesforce: never
  servicenow: 'instance'
  shopify: 'shop'
  slack: never
  spotify: never
  square: never
  supabase: 'ref'
  twitch: never
  xero: never
  zoho: never
  zoom: never
}

export type ProviderName = keyof RequiredPlaceholders

/** What is known of each. To add one: its file, a line above, its name below, and a fixture for the tests. */
export const providers: Readonly<Record<ProviderName, ProviderProfile>> = {
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
