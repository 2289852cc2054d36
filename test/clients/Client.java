import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** As it comes, this client offers to go on in HTTP/2 with every first request. */
class Client {
  public static void main(String[] args) throws Exception {
    var order = "{\"token\":\"132321343dsfsdf\",\"project_id\":5786,\"service\":1,\"plan_id\":2}";
    var request = HttpRequest.newBuilder(URI.create(args[0] + "/app/api/v2/pm/change-billing"))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(order))
        .build();
    System.out.print(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }
}
