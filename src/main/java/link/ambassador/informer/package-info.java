/**
 * Watches of the API server's objects, for the operator and the webhook: which namespaces they cover, what they keep of an object,
 * and what happens when one breaks. Informers call their listeners on threads of the client.
 */
package link.ambassador.informer;
