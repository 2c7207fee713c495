import type { Scenario } from '../scenario.ts'

const twitter: Scenario = {
  title: 'Twitter',
  trace: 'twitter-2021-08-per-second.csv.gz',
  flags: ['--from', '462000', '--seconds', '6000', '--scale', '0.2']
}

export default twitter
