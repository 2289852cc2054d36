import java.net.HttpURLConnection;
import java.net.URI;

class ViaUrlConnection {
    public static void main(String[] args) throws Exception {
        var connection = (HttpURLConnection) URI.create(args[0]).toURL().openConnection();
        connection.setDoOutput(true);
        connection.getOutputStream().write(args[1].getBytes("UTF-8"));
        connection.getInputStream().transferTo(System.out);
        System.out.flush();
    }
}
