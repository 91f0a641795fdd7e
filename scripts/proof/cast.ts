// Who takes part in every trial, and what there is to buy: two accounts, fifty customers each, and a product that runs out.

export interface Account {
  /** Digits of the phone number. */
  readonly number: string
  readonly email: string
  readonly customers: readonly string[]
}

const CUSTOMERS = 50

function customersOf(first: number): string[] {
  return Array.from({ length: CUSTOMERS }, (_, index) => String(first + index))
}

export const PASSWORD = 'correct horse battery'

export const ACCOUNTS: readonly [Account, Account] = [
  { number: '15550100000', email: 'first@crash.test', customers: customersOf(15550101000) },
  { number: '15550200000', email: 'second@crash.test', customers: customersOf(15550201000) },
]

export interface Product {
  readonly name: string
  readonly price: string
  readonly stock: number
}

/** Enough for everybody. */
export const PLENTY: readonly [Product, Product, Product] = [
  { name: 'Blue Mug', price: '12.00', stock: 100_000 },
  { name: 'Gaming Laptop', price: '1299.00', stock: 100_000 },
  { name: 'Green Tea', price: '4.50', stock: 100_000 },
]

/** Enough for a few; ordered one at a time. */
export const SCARCE: Product = { name: 'Red Kite', price: '30.00', stock: 5 }

export const PRODUCTS: readonly Product[] = [...PLENTY, SCARCE]
