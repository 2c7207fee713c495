import type { Scenario } from '../scenario.ts'

const twitter: Scenario = {
  title: 'Twitter',
  trace: 'twitter-2021-08-per-second.csv.gz',
  flags: ['--from', '463500', '--seconds', '4500', '--scale', '0.15']
}

export default twitter
