/**
 * The ConfigMaps with certificates of authorities that Ambassadors name, read by watches of their own. On the informers' threads; everything
 * public is callable from any thread.
 */
package link.ambassador.operator.trust;
