import type { Library } from '../library.ts'
import { axiosAuthRefresh } from './axios-auth-refresh.ts'
import { axiosAuthRefreshQueue } from './axios-auth-refresh-queue.ts'
import { badgateway } from './badgateway-oauth2-client.ts'
import { fetchExtras } from './fetch-extras.ts'
import { gotRecipe } from './got-recipe.ts'
import { kyRecipe } from './ky-recipe.ts'
import { refreshGuard } from './refresh-guard.ts'
import { tokenflightAxios, tokenflightFetch, tokenflightGot, tokenflightKy } from './tokenflight.ts'

/** Ours. */
export const own: readonly Library[] = [tokenflightFetch, tokenflightAxios, tokenflightGot, tokenflightKy]

/** The columns of the table. */
export const libraries: readonly Library[] = [
  ...own,
  axiosAuthRefresh,
  axiosAuthRefreshQueue,
  badgateway,
  fetchExtras,
  refreshGuard,
  kyRecipe,
  gotRecipe,
]
