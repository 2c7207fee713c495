import { runTogether } from './run-together.ts'

await runTogether('test/{plugins/{cross-origin,openapi/*,job-browser,operator-access,prepared-answers,producers,unrouted},server/*}.test.ts')
