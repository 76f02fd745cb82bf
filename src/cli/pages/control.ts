// Pages of the controller's rooms, loaded only when asked for: those rooms bring the database with them.

export interface Pages {
  readonly codes: readonly string[];
  readonly page: (code: string) => string | null;
}

/** A room of the controller adds its pages here. */
export async function controlPages(): Promise<readonly Pages[]> {
  const { controllerCodes, controllerPage } = await import('#controller');
  const { eventsCodes, eventsPage } = await import('#events');
  const { ledgerCodes, ledgerPage } = await import('#ledger');
  const { routesCodes, routesPage } = await import('#routes');
  const { storeCodes, storePage } = await import('#store');
  const { wireCodes, wirePage } = await import('#wire');
  return [
    { codes: controllerCodes(), page: controllerPage },
    { codes: eventsCodes(), page: eventsPage },
    { codes: ledgerCodes(), page: ledgerPage },
    { codes: routesCodes(), page: routesPage },
    { codes: storeCodes(), page: storePage },
    { codes: wireCodes(), page: wirePage },
  ];
}
