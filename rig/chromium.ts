import { findProgram } from './find-program.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Nothing that the browser does for itself: it is to ask for what the page asks for, and for nothing else. */
export const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-default-apps', '--disable-sync', '--disable-extensions',
  '--no-first-run', '--no-default-browser-check', '--disable-dev-shm-usage'
]

/** The Chromium that is installed here, undefined where there is none. */
export function findChromium (): string | undefined {
  return findProgram(...NAMES)
}
