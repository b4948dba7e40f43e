import type { Theme } from 'vitepress'
import { withBase } from 'vitepress'
import theme from 'vitepress/theme'
import { h } from 'vue'
import './style.css'

const race =
  'Four processes find the same token expired. Usually three of them present a spent refresh token and the login is revoked; with ' +
  'tokenflight one refreshes, the others adopt its tokens, and the login lives.'

/** The default theme, with the race beside the first words. */
const withRace: Theme = {
  extends: theme,
  Layout: () =>
    h(theme.Layout, null, {
      'home-hero-image': () =>
        h('img', {
          class: 'race',
          src: withBase('/pictures/docs/pictures/race.svg'),
          alt: race,
          width: 820,
          height: 476,
        }),
    }),
}

export default withRace
