import { runTogether } from './run-together.ts'

await runTogether('test/{plugins/{openapi/*,job-browser,operator-access,prepared-answers,producers,unrouted},server/*}.test.ts')
