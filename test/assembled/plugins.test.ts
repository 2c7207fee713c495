import { runTogether } from './run-together.ts'

await runTogether('test/plugins/{content-types/*,openapi/*,connections,job-browser,operator-access,prepared-answers,unrouted}.test.ts')
