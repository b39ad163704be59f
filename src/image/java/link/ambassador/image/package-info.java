/**
 * The training of the image during its build. {@link link.ambassador.image.Training} starts each role as the image
 * will, gives it work, and writes the AOT cache of the classes that it loaded (https://openjdk.org/jeps/514).
 *
 * <p>It uses only the JDK and no class of the project, because the base image's Java runs these class files next to the
 * roles.
 */
package link.ambassador.image;
