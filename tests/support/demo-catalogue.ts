// The demo shop's catalogue for tests: what `npm run seed:demo` puts in.

export { demoCatalogue } from '../../scripts/seed/catalogue.ts'
